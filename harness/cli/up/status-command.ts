import { Command } from 'commander';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ClusterFile } from '../../kit/cluster/cluster-file.ts';
import { peakRssBytes } from '../../kit/cluster/process-facts.ts';
import { livingHarness, livingProcesses } from '../../kit/cluster/process-record.ts';
import type { Paint } from '../../report/summary.ts';
import { dataDirFrom, defaultDataDirName } from '../data-dir.ts';
import { paintFor } from '../paint.ts';
import { downCommandFor, readyCluster } from './already-running.ts';

const requestDeadlineMs = 3_000;
const bytesPerMiB = 1024 * 1024;

export function statusCommand(done: (exitCode: number) => void): Command {
  return new Command('status')
    .description('Say what runs over a data folder, and how it is. Exits with 1 when nothing does.')
    .option('--data-dir <dir>', `(default: ${defaultDataDirName} in the repository)`)
    .action(async (flags: { dataDir?: string }) => done(await tellStatus(dataDirFrom(flags.dataDir))));
}

async function tellStatus(dataDir: string): Promise<number> {
  const harness = livingHarness(dataDir);
  const cluster = readyCluster(dataDir, harness);
  if (harness === undefined || cluster === null) {
    process.stdout.write(
      `${harness === undefined ? goneText(dataDir) : `Process ${harness.pid} is starting or stopping a store on ${dataDir}.`}\n`,
    );
    return 1;
  }
  const paint = paintFor(process.stdout);
  process.stdout.write(`${cluster.rest} on ${dataDir}, process ${harness.pid}, since ${cluster.started_at}\n`);
  process.stdout.write(`${await healthLine(cluster, paint)}\n`);
  for (const line of processLines(dataDir, cluster, paint)) process.stdout.write(`${line}\n`);
  return 0;
}

function goneText(dataDir: string): string {
  const left = livingProcesses(dataDir).map(({ name, pid }) => `${name} (process ${pid})`);
  if (left.length === 0) return `Nothing runs on ${dataDir}.`;
  const stop = downCommandFor(dataDir, dataDirFrom(undefined));
  return `The process that ran the store on ${dataDir} is gone and has left ${left.join(', ')}. Stop what it left with: ${stop}`;
}

async function healthLine(cluster: ClusterFile, paint: Paint): Promise<string> {
  using client = new RestClient(cluster.rest);
  try {
    const { status, body } = await client.health({ signal: AbortSignal.timeout(requestDeadlineMs) });
    const health = `${body.status}, ${body.storage_servers} of ${cluster.nodes.length} nodes active`;
    return status === 200 ? paint.green(health) : paint.yellow(health);
  } catch (error) {
    return paint.red(`the gateway does not answer: ${error instanceof Error ? error.message : error}`);
  }
}

function processLines(dataDir: string, cluster: ClusterFile, paint: Paint): string[] {
  const living = new Map(livingProcesses(dataDir).map(({ name, pid }) => [name, pid]));
  const expected = [
    ...cluster.gateways.map(({ rest, s3 }, index) => ({ name: `gateway-${index + 1}`, about: `${rest}  S3 ${s3}` })),
    ...cluster.nodes.map(({ address, server_id }, index) => ({
      name: `node-${index + 1}`,
      about: `${address}  ${server_id}`,
    })),
    { name: 'postgres', about: '' },
  ];
  return expected.map(({ name, about }) => {
    const pid = living.get(name);
    if (pid === undefined) return paint.red(`  ${name.padEnd(10)} does not run  ${about}`);
    const peak = peakRssBytes(pid);
    const memory = peak === null ? '' : `peak ${Math.round(peak / bytesPerMiB)} MiB`;
    return `  ${name.padEnd(10)} process ${String(pid).padEnd(8)} ${memory.padEnd(14)} ${about}`;
  });
}
