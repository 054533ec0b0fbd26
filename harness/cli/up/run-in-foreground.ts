import { claimDataDir } from '../../kit/cluster/claim-data-dir.ts';
import { describeCluster, removeClusterFile, writeClusterFile } from '../../kit/cluster/cluster-file.ts';
import { existingNodes, nodeNumbers } from '../../kit/cluster/existing-nodes.ts';
import { onSignals } from '../../kit/cluster/exit-guard.ts';
import { startCluster } from '../../kit/cluster/start-cluster.ts';
import type { Cluster, Exit } from '../../kit/cluster/target.ts';
import { duration, type Paint } from '../../report/summary.ts';
import { paintFor } from '../paint.ts';
import { alreadyRunning } from './already-running.ts';
import { choosePorts } from './choose-ports.ts';
import { followLogs } from './follow-logs.ts';
import { passedOnSettings } from './passed-on-settings.ts';
import { progressLine } from './progress-line.ts';
import { readyText } from './ready-text.ts';
import type { UpOptions } from './up-command.ts';

/** Starts everything and stays until a signal ends it. Gives the exit code where it did not start. */
export async function runInForeground(options: UpOptions): Promise<number> {
  const paint = paintFor(process.stdout);
  const running = options.isEphemeral ? null : alreadyRunning(options.dataDir);
  if (running !== null) {
    process.stderr.write(`${running}\n`);
    return 1;
  }
  const left = await claimDataDir(options.dataDir);
  if (left.length > 0)
    say(`An earlier start was killed and had left ${left.join(', ')} running; they are stopped now.`);
  // A start that was killed has left its addresses, and whoever waits for ours would take them.
  removeClusterFile(options.dataDir);
  const settings = passedOnSettings(process.env);
  const nodes = await nodeCount(options);
  const ports = await choosePorts({ ...options, nodes }, say);
  onSignals({
    exitCode: 0,
    onFirst: () => say('\nStopping: gateway, nodes, PostgreSQL. Once more Ctrl-C ends them at once.'),
    onSecond: () => say(paint.yellow('Ended at once. The next start recovers from it.')),
  });
  process.on('exit', () => removeClusterFile(options.dataDir));

  say(`Starting PostgreSQL, ${nodes} nodes and a gateway over ${options.dataDir}`);
  const sinceMs = performance.now();
  const cluster = await startCluster({
    ...options,
    nodes,
    ports,
    ephemeral: options.isEphemeral,
    removeDataAtEnd: options.isEphemeral,
    settings,
    gatewaySettings: options.accountsFile === undefined ? {} : { SEXTANT_S3_ACCOUNTS_FILE: options.accountsFile },
    onProgress: (event) => {
      const line = progressLine(event, paint);
      if (line !== null) say(line);
    },
    onUnexpectedExit: (name, exit) => say(lossText(name, exit, options.dataDir, paint)),
  });
  const description = describeCluster(cluster, options.replicas);
  writeClusterFile(options.dataDir, description);
  say(
    `${readyText(description, options.dataDir, paint, settings)}\n${paint.dim(`Started in ${duration(performance.now() - sinceMs)}.`)} Ctrl-C stops it.`,
  );
  if (options.isVerbose) followLogs(logFiles(cluster), say);
  return untilSignalled();
}

/** Nodes that hold data start in any case: what they hold would be missing otherwise. */
async function nodeCount(options: UpOptions): Promise<number> {
  const existing = await existingNodes(options.dataDir);
  const count = nodeNumbers(existing, options.nodes).length;
  if (options.nodes !== undefined && count > options.nodes) {
    say(
      `This data lies on ${count} nodes, so ${count} start, not ${options.nodes}: without them files would be missing.`,
    );
  }
  return count;
}

function lossText(name: string, exit: Exit, dataDir: string, paint: Paint): string {
  const how = exit.signal ?? `exit code ${exit.code}`;
  return paint.red(
    `${name} has ended (${how}). Its log: ${dataDir}/logs/${name}.log. Ctrl-C and a new start bring it back.`,
  );
}

function logFiles(cluster: Cluster): Map<string, string> {
  const all = [...cluster.gateways, ...cluster.nodes, cluster.postgres];
  return new Map(all.map(({ name, logFile }) => [name, logFile]));
}

/** The signal handler ends the process; until then a timer keeps it alive even when every child is gone. */
function untilSignalled(): Promise<never> {
  const aDayMs = 86_400_000;
  setInterval(() => {}, aDayMs);
  return new Promise(() => {});
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
