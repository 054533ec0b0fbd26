import { setTimeout as pause } from 'node:timers/promises';
import { untilCensusIsClean } from '../../kit/census/census.ts';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedProcess } from '../../kit/cluster/target.ts';
import { loseReplica } from '../../kit/faults/lose-replica.ts';
import { until } from '../../kit/testing/until.ts';
import { RecordedClient } from '../../kit/workloads/recorded-client.ts';
import type { Scenario } from './scenario.ts';
import { replicas, shelved, type World } from './world.ts';

/** Jobs are asked for so often, until one of them gets to the phase. */
const askAgainMs = 200;
const activeWithinMs = 15_000;
const repairedWithinMs = 30_000;

/**
 * A node is emptied, by way of the gateway that is broken: it alone is there to do it, and the other one goes on with
 * it. In the end the node is taken back.
 */
export const aNodeIsDrained: Scenario = {
  timesMax: 1,
  prepare: async (world, victim, { choices }) => {
    const drained = choices.pick(world.cluster.nodes);
    const path = `/admin/storage-servers/${drained.serverId}`;
    const bringBack = await othersAway(world, victim);
    const mend = async () => {
      using rest = new RestClient(world.cluster.rest);
      await until({ what: `${drained.name} to be active again`, withinMs: activeWithinMs }, async () => {
        const answer = await rest.send<{ status: string }>({ method: 'POST', path: `${path}/activate` });
        return answer.status === 200 && answer.body.status === 'active';
      });
    };
    return { bringBack, mend, meanwhile: (through) => ask(through, 'DELETE', path) };
  },
};

/** One replica of each chunk of a file is lost on its disk, which is noticed when the file is read. */
export const replicasAreLost: Scenario = {
  timesMax: 1,
  prepare: async (world, victim, { ledger, choices }) => {
    // An earlier loss that is not repaired yet could be of the same chunk, and this one take its last replica.
    await untilCensusIsClean(world.cluster, { replicas, withinMs: repairedWithinMs });
    const entry = choices.pick(shelved(world));
    using rest = new RestClient(world.cluster.rest);
    const { body } = await rest.metadata(String(entry.fileId));
    for (const chunk of body.chunks) {
      // The primary, because that is the one that is read.
      await loseReplica(world.cluster.nodes, chunk.server_id, chunk.chunk_id);
    }
    const meanwhile = async (through: RestClient) => {
      await new RecordedClient(ledger, through, { name: 'reader of what is lost' }).download(entry);
      await ask(through, 'POST', '/admin/repair');
    };
    const bringBack = await othersAway(world, victim);
    const mend = async () => {
      // What was read may be forgotten with the gateway that read it; then the census must find what is lost.
      using again = new RestClient(world.cluster.rest);
      await again.send({ method: 'POST', path: '/admin/census' });
    };
    return { meanwhile, bringBack, mend };
  },
};

export function aJobIsAskedFor(job: 'scrub' | 'census'): Scenario {
  return {
    timesMax: 2,
    prepare: async (world, victim) => ({
      meanwhile: (through) => ask(through, 'POST', `/admin/${job}`),
      bringBack: await othersAway(world, victim),
    }),
  };
}

/**
 * The scenario without other gateways: the one that has a job keeps it as long as there is work, and under a load that
 * deletes there always is.
 */
export function leftAlone(scenario: Scenario): Scenario {
  return {
    ...scenario,
    prepare: async (world, victim, round) => ({
      ...(await scenario.prepare?.(world, victim, round)),
      bringBack: await othersAway(world, victim),
    }),
  };
}

/** The gateway may be gone already: that is what is waited for. */
async function ask(through: RestClient, method: string, path: string): Promise<void> {
  await through.send({ method, path }).catch(() => {});
  await pause(askAgainMs);
}

/** The victim, if it is a gateway, is left alone to do the jobs. Gives back how to start the others again. */
async function othersAway({ cluster }: World, victim: ManagedProcess): Promise<() => Promise<void>> {
  if (!cluster.gateways.some((gateway) => gateway === victim)) return async () => {};
  const others = cluster.gateways.filter((gateway) => gateway !== victim);
  await Promise.all(others.map((gateway) => gateway.kill('SIGKILL')));
  return async () => {
    await Promise.all(others.map((gateway) => gateway.start({})));
  };
}
