import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { readClusterFile, removeClusterFile } from '../../kit/cluster/cluster-file.ts';
import { isSameProcess } from '../../kit/cluster/process-facts.ts';
import { endLeftovers, livingHarness, livingProcesses } from '../../kit/cluster/process-record.ts';
import { duration } from '../../report/summary.ts';
import { Complaint } from '../complaint.ts';
import { dataDirFrom, defaultDataDirName } from '../data-dir.ts';

const stopDeadlineMs = 60_000;
const pollMs = 50;

export function downCommand(done: (exitCode: number) => void): Command {
  return new Command('down')
    .description('Stop what "sextant up" has started: gateway, nodes, PostgreSQL. The data stays.')
    .option('--data-dir <dir>', `of the store to stop (default: ${defaultDataDirName} in the repository)`)
    .action(async (flags: { dataDir?: string }) => {
      const dataDir = dataDirFrom(flags.dataDir);
      process.stdout.write(`${await takeDown(dataDir)}\n`);
      done(0);
    });
}

/** Gives back a sentence on what was stopped. */
async function takeDown(dataDir: string): Promise<string> {
  const harness = livingHarness(dataDir);
  if (harness === undefined) return endWhatIsLeft(dataDir);
  const cluster = readClusterFile(dataDir);
  const parts = livingProcesses(dataDir).filter(({ name }) => name !== 'harness');
  const sinceMs = performance.now();
  process.kill(harness.pid, 'SIGTERM');
  while (isSameProcess(harness.pid, harness.mark)) {
    if (performance.now() - sinceMs > stopDeadlineMs) {
      throw new Complaint(
        `process ${harness.pid} has not ended within ${stopDeadlineMs / 1000} s; see ${dataDir}/logs`,
      );
    }
    await sleep(pollMs);
  }
  const names = inOrder(parts.map(({ name }) => name)).join(', ');
  const where = cluster === null ? '' : ` at ${cluster.rest}`;
  return `Stopped Sextant${where} (process ${harness.pid}) in ${duration(performance.now() - sinceMs)}: ${names}.`;
}

async function endWhatIsLeft(dataDir: string): Promise<string> {
  const ended = await endLeftovers(dataDir);
  removeClusterFile(dataDir);
  if (ended.length === 0) return `Nothing runs on ${dataDir}.`;
  return `The process that ran the store on ${dataDir} was gone; stopped what it had left: ${ended.join(', ')}.`;
}

/** In the order in which they stop. */
function inOrder(names: readonly string[]): string[] {
  const rank = (name: string) => (name.startsWith('gateway') ? 0 : name.startsWith('node') ? 1 : 2);
  return names.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }));
}
