/**
 * `npm run bench`: measures the running product as its users would, flushed to disk, and prints a table beside the
 * targets. It moves data between processes of this machine only, and removes all it has made.
 */
import { writeFile } from 'node:fs/promises';
import { machineFacts, printMachine } from './machine.ts';
import { NotReachedInTime, runMeasures } from './measures/run-measures.ts';
import { parseOptions } from './options.ts';
import { printFigures } from './table.ts';
import { isEnough, judge, printVerdicts, targets } from './targets.ts';

const options = parseOptions(process.argv);
const machine = await machineFacts();
printMachine(machine);
const startedAtMs = performance.now();
let isCutShort = false;
const figures = await runMeasures(options, (line) => console.log(line)).catch((error) => {
  if (!(error instanceof NotReachedInTime)) throw error;
  isCutShort = true;
  console.log(`\n${error.message}`);
  return error.figures;
});
printFigures(figures);
const verdicts = judge(figures, targets);
printVerdicts(verdicts, options.sizeBytes);
console.log(`\nTook ${Math.round((performance.now() - startedAtMs) / 1000)} s.`);
if (options.jsonFile !== null) {
  await writeFile(options.jsonFile, `${JSON.stringify({ machine, options, figures, verdicts }, null, 2)}\n`);
}
if (options.enforce && !isEnough(verdicts, isCutShort)) process.exitCode = 1;
