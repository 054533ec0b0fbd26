/**
 * Loaded by the runner into the process of every test file, before the file (`node --import`). It sees to it
 * that the process ends: soon after its last test, and at the latest when the time of the whole file is over.
 * Something left open (a socket, a timer, a child) is a fault of the test or of what it tests, so it is told as one.
 */
import { after } from 'node:test';
import { fileTimeoutVariable, runSettings } from './run-settings.ts';

/**
 * How long a process may live on after its last test: agents close idle connections within this, and the cluster of the file
 * stops within it too, which takes an engine longer than the system.
 */
const lingerMs = runSettings.target === 'containers' ? 60_000 : 10_000;

const fileTimeoutMs = Number(process.env[fileTimeoutVariable] ?? 0);
if (fileTimeoutMs > 0) endAfter(fileTimeoutMs, `it ran longer than ${fileTimeoutMs / 1000} s`);
after(() => endAfter(lingerMs, `it was still alive ${lingerMs / 1000} s after its last test`));

function endAfter(delayMs: number, what: string): void {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`${process.argv[1]} was ended: ${what}. Still open: ${open}\n`);
    process.exit(1);
  }, delayMs).unref();
}
