import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterFile, readClusterFile } from '../../kit/cluster/cluster-file.ts';
import { lastLines } from '../../kit/cluster/log-file.ts';
import { ProcessRecord } from '../../kit/cluster/process-record.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { Complaint } from '../complaint.ts';
import { dataDirFrom } from '../data-dir.ts';
import { paintFor } from '../paint.ts';
import { alreadyRunning, downCommandFor } from './already-running.ts';
import { passedOnSettings } from './passed-on-settings.ts';
import { readyText } from './ready-text.ts';
import type { UpOptions } from './up-command.ts';

const readyDeadlineMs = 180_000;
const pollMs = 50;
const logEndBytes = 64 * 1024;

/** Starts `sextant up` in a session of its own and returns when it is ready. */
export async function runDetached(options: UpOptions): Promise<number> {
  const running = options.isEphemeral ? null : alreadyRunning(options.dataDir);
  if (running !== null) {
    process.stderr.write(`${running}\n`);
    return 1;
  }
  const cluster = await launch(options);
  const stop = downCommandFor(options.dataDir, dataDirFrom(undefined));
  const text = readyText(cluster, options.dataDir, paintFor(process.stdout), passedOnSettings(process.env));
  process.stdout.write(`${text}\nStop it with: ${stop}\n`);
  return 0;
}

async function launch(options: UpOptions): Promise<ClusterFile> {
  const logFile = join(options.dataDir, 'logs', 'up.log');
  mkdirSync(join(options.dataDir, 'logs'), { recursive: true });
  // Open to the end: a store that keeps nothing takes its log with it when it does not start.
  await using log = await open(logFile, 'w+', 0o600);
  const child = spawn(
    process.execPath,
    [join(repositoryRoot, 'harness/cli/sextant.mjs'), 'up', ...detachedFlags(options)],
    {
      cwd: repositoryRoot,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  // The temporary folder was made by this process; from now on it is the child's.
  if (options.isEphemeral && child.pid !== undefined) new ProcessRecord(options.dataDir).add('harness', child.pid);
  const untilMs = performance.now() + readyDeadlineMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < untilMs) {
    const cluster = readClusterFile(options.dataDir);
    if (cluster?.pid === child.pid && cluster !== null) {
      child.unref();
      return cluster;
    }
    await sleep(pollMs);
  }
  child.kill('SIGTERM');
  throw new Complaint(`it did not start. The end of ${logFile}:\n${lastLines(await endOf(log), 30)}`);
}

async function endOf(log: FileHandle): Promise<string> {
  const { size } = await log.stat();
  const { buffer, bytesRead } = await log.read({
    buffer: Buffer.alloc(logEndBytes),
    position: Math.max(0, size - logEndBytes),
  });
  return buffer.toString('utf8', 0, bytesRead);
}

/** What the child is told. Exported for its test. */
export function detachedFlags(options: UpOptions): string[] {
  return [
    ...(options.isEphemeral ? ['--ephemeral', '--scratch', options.dataDir] : ['--data-dir', options.dataDir]),
    // Left out when the user has not said it: then those that have data start.
    ...(options.nodes === undefined ? [] : ['--nodes', String(options.nodes)]),
    ...['--replicas', String(options.replicas)],
    ...['--port', String(options.restPort), '--s3-port', String(options.s3Port)],
    ...(options.accountsFile === undefined ? [] : ['--accounts', options.accountsFile]),
    ...(options.areNodePortsNamed ? ['--node-port', String(options.firstNodePort)] : []),
    ...(options.isVerbose ? ['--verbose'] : []),
  ];
}
