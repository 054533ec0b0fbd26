import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { until } from '../testing/until.ts';
import { endLeftovers, livingHarness, ProcessRecord } from './process-record.ts';
import { StartFailed } from './target.ts';

/** Longer than it takes to end what another one left. */
const turnWithinMs = 90_000;

/**
 * Makes this process the one that runs a cluster over `dataDir`, which is made where it is missing, and ends what a dead harness
 * left over it. Gives back the names of what was ended. Throws StartFailed when another harness lives.
 *
 * Whoever asks whether one lives, ends and records must be alone with that: of two at the same moment the second would take
 * what the first has just started for something that was left.
 */
export async function claimDataDir(dataDir: string): Promise<string[]> {
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const turn = await takeTurn(dataDir);
  try {
    const living = livingHarness(dataDir);
    if (living !== undefined && living.pid !== process.pid) {
      throw new StartFailed(`process ${living.pid} runs a cluster on ${dataDir} already`);
    }
    const ended = await endLeftovers(dataDir);
    new ProcessRecord(dataDir);
    return ended;
  } finally {
    turn?.close();
  }
}

/** A socket that is no file: only one process of the machine listens on it, and it goes with its process. Linux alone has such. */
async function takeTurn(dataDir: string): Promise<Server | undefined> {
  if (process.platform !== 'linux') return undefined;
  const name = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 32);
  return until({ what: `another harness to claim ${dataDir}`, withinMs: turnWithinMs }, async () => {
    const server = createServer().listen(`\0sextant-${name}`);
    await once(server, 'listening');
    return server;
  });
}
