import { setTimeout as pause } from 'node:timers/promises';
import { readDisks } from '../../kit/census/chunk-files.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import { seededBytes } from '../../kit/seed/seeded-bytes.ts';
import { until } from '../../kit/testing/until.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import { aJobIsAskedFor, aNodeIsDrained, leftAlone, replicasAreLost } from './background-scenarios.ts';
import type { Round, Scenario } from './scenario.ts';
import { shelved, type World } from './world.ts';

/** What leads to a phase. Throws for a name that nothing here leads to. */
export function scenarioOf(name: string): Scenario {
  if (name === 'sweep.mid-way') return unfinishedFilesAreLeft;
  if (/^(?:replace|copy)\./.test(name)) return aNodeIsAway(anUpload);
  if (name === 'read.fail-over') return aNodeIsAway(aDownload);
  if (/^cancel\./.test(name)) return clientsBreakOff;
  if (/^cleanup\./.test(name)) return leftAlone(clientsBreakOff);
  if (/^(?:replica|rebalance|drain)\./.test(name)) return aNodeIsDrained;
  if (/^(?:repair|problem)\./.test(name)) return replicasAreLost;
  if (/^(?:scrub|verify)\./.test(name)) return aJobIsAskedFor('scrub');
  if (/^(?:census|list)\./.test(name)) return aJobIsAskedFor('census');
  if (/^(?:delete|deletions)\./.test(name)) return filesAreDeleted;
  if (/^(?:write|commit|read|put|get|announce|heartbeat)\./.test(name)) return theLoadAlone;
  throw new Error(`no scenario leads to ${name}: say in scenarios.ts what does`);
}

const theLoadAlone: Scenario = {};

const MiB = 1024 * 1024;
const betweenAttemptsMs = 20;
const betweenDeletesMs = 50;

type Attempt = (client: RecordedClient, world: World, round: Round) => Promise<unknown>;

const anUpload: Attempt = (client, _world, { ledger, choices }) =>
  client.upload(ledger.newFile(choices.int(1, 2 * MiB)));
const aDownload: Attempt = (client, world, { choices }) => client.download(choices.pick(shelved(world)));

/**
 * A node is gone that uploads were promised, or that has what downloads want. What is to find it comes first: after some failures, of
 * whatever kind, the gateway leaves the node alone, and then nothing fails any more.
 */
const aNodeIsAway = (attempt: Attempt): Scenario => ({
  timesMax: 1,
  prepare: async (world, victim, round) => {
    const { ledger, choices } = round;
    const away = choices.pick(world.cluster.nodes.filter((node) => node !== victim));
    const meanwhile = async (through: RestClient) => {
      // Only now, because a gateway that starts later would not choose it.
      if (away.isRunning) await away.kill('SIGKILL');
      await attempt(new RecordedClient(ledger, through, { name: 'finds it gone' }), world, round);
      await pause(betweenAttemptsMs);
    };
    const bringBack = async () => {
      if (!away.isRunning) await away.start();
    };
    return { meanwhile, bringBack };
  },
});

/** The load deletes too, but only once it has stored many files. */
const filesAreDeleted: Scenario = {
  prepare: async (_world, _victim, { ledger, choices }) => ({
    meanwhile: async (through) => {
      const client = new RecordedClient(ledger, through, { name: 'deleter' });
      const entry = await client.upload(ledger.newFile(choices.int(1, MiB)));
      if (entry.state === 'acknowledged') await client.delete(entry);
      await pause(betweenDeletesMs);
    },
  }),
};

const clientsBreakOff: Scenario = {
  timesMax: 3,
  prepare: async (_world, _victim, { ledger, choices }) => ({
    meanwhile: async (through) => {
      const client = new RecordedClient(ledger, through, { name: 'unsteady' });
      const file = ledger.newFile(choices.int(2, 2 * MiB));
      const sentBytes = choices.int(1, file.sizeBytes - 1);
      await client.upload(file, { data: breakingOff(seededBytes(file.seed, sentBytes)) });
    },
  }),
};

/** The node is killed with chunks half written, and started again. */
const unfinishedFilesAreLeft: Scenario = {
  timesMax: 1,
  prepare: async ({ cluster }, victim, { ledger, choices }) => {
    using rest = new RestClient(cluster.rest);
    const client = new RecordedClient(ledger, rest, { name: 'interrupted' });
    const goOn = Promise.withResolvers<void>();
    const uploads = Array.from({ length: 3 }, () => {
      const file = ledger.newFile(choices.int(2 * MiB, 3 * MiB));
      return client.upload(file, { data: pausing(seededBytes(file.seed, file.sizeBytes), goOn.promise) });
    });
    const isWriting = async () => {
      const disks = await readDisks(cluster.nodes.filter((node) => node === victim));
      return disks.every(({ unfinished }) => unfinished.length > 0);
    };
    try {
      await until({ what: `${victim.name} to be writing`, withinMs: 10_000 }, isWriting);
      await victim.kill('SIGKILL');
    } finally {
      goOn.resolve();
      await Promise.all(uploads);
    }
    return {};
  },
};

async function* breakingOff(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
  throw Object.assign(new Error('the client breaks off'), { code: 'ABORT_ERR' });
}

/** All but the last piece, and that one later. */
async function* pausing(pieces: Iterable<Buffer>, goOn: Promise<void>): AsyncGenerator<Buffer> {
  let held: Buffer | undefined;
  for (const piece of pieces) {
    if (held !== undefined) yield held;
    held = piece;
  }
  await goOn;
  if (held !== undefined) yield held;
}
