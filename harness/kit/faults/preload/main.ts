/**
 * Loaded into a service before its own code (`node --import`), so that its wall clock can be moved, its disk made slow or bad
 * while it runs, and be known what that disk has not flushed, without a line in the service that knows of it. The orders
 * come in a file; what was obeyed is told in another.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { shiftClock } from './clock.ts';
import { answerFile, type Control, controlVariable, nothingWrong } from './control.ts';
import { breakDisk, type Touched } from './disk.ts';
import { journalVariable, keepJournal } from './journal.ts';

const pollMs = 25;
const controlFile = process.env[controlVariable];
const life = randomUUID();
const journalFile = process.env[journalVariable];
const dataDir = process.env['SEXTANT_NODE_DATA_DIR'];

// Next to the real disk: what fails by order is neither written nor flushed.
if (journalFile !== undefined && dataDir !== undefined) keepJournal(dataDir, journalFile);

if (controlFile !== undefined) {
  const touched: Touched = { failed: 0, delayed: 0 };
  let control = nothingWrong;
  let told = '';
  const look = () => {
    control = read(controlFile) ?? control;
    const answer = JSON.stringify({ life, revision: control.revision, ...touched });
    if (answer !== told) tell(answerFile(controlFile), answer);
    told = answer;
  };
  look();
  setInterval(look, pollMs).unref();
  shiftClock(() => control.clockMs);
  if (dataDir !== undefined) breakDisk(dataDir, () => control, touched);
}

/** Undefined before there are orders. */
function read(file: string): Control | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whole or not at all: it is read at any moment. A service whose harness is gone must not fall over this. */
function tell(file: string, answer: string): void {
  try {
    writeFileSync(`${file}.new`, answer);
    renameSync(`${file}.new`, file);
  } catch {}
}
