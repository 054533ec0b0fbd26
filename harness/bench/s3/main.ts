/**
 * `npm run bench:s3`: measures the S3 interface of the running product as its users would, flushed to disk, and prints it
 * beside what other stores reach. It moves data between processes of this machine only (but for an --endpoint that lies
 * elsewhere), and removes all it has made.
 */
import { writeFile } from 'node:fs/promises';
import { machineFacts, printMachine } from '../machine.ts';
import { printFigures } from '../table.ts';
import { isEnough, judge, printVerdicts } from '../targets.ts';
import { parseS3Options } from './options.ts';
import { printBesidePeers } from './peers.ts';
import { runS3Measures } from './run-s3-measures.ts';
import { s3Targets } from './s3-targets.ts';

const options = parseS3Options(process.argv);
const machine = await machineFacts();
printMachine(machine);
const startedAtMs = performance.now();
const { figures, stores } = await runS3Measures(options, (line) => console.log(line));
printFigures(figures);
printBesidePeers(figures, stores);
const verdicts = judge(figures, s3Targets);
printVerdicts(verdicts, options.sizeBytes);
console.log(`\nTook ${Math.round((performance.now() - startedAtMs) / 1000)} s.`);
if (options.jsonFile !== null) {
  const { endpoint, ...told } = options;
  const content = { machine, options: { ...told, endpoint: endpoint?.url.href ?? null }, figures, verdicts };
  await writeFile(options.jsonFile, `${JSON.stringify(content, null, 2)}\n`);
}
if (options.enforce && !isEnough(verdicts, false)) process.exitCode = 1;
