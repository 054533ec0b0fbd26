/**
 * PostgreSQL goes away under load, by a stop, a kill and a freeze, and comes back. Meanwhile every call must be
 * answered soon, with 503 and Retry-After; afterwards everything must work again without a restart of the
 * gateway. A failure means hanging clients, or an outage that outlasts its cause.
 */
import assert from 'node:assert/strict';
import { untilCensusIsClean } from '../kit/census/census.ts';
import type { RestClient } from '../kit/clients/rest-client.ts';
import type { RestResponse } from '../kit/clients/rest-types.ts';
import { ownCluster, restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { assertReadsBack, type SeededFile, sendFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { MiB, unknownId } from './sizes.ts';

const loadClients = 6;
/** A database that is gone is noticed at once; one that is frozen, when the statement's limit is over. */
const refusedWithinMs = { gone: 3_000, frozen: 10_000 };

testCase(
  'E33',
  'while PostgreSQL is away every call is 503 with Retry-After soon, and all recovers when it is back',
  { cluster: 'own', needs: ['processes', 'database', 'disks'], tags: ['concurrent'], timeoutMs: 150_000 },
  async (ctx) => {
    const gatewaySettings = { SEXTANT_SESSION_LEASE_MS: '3000', SEXTANT_CLEANUP_INTERVAL_MS: '500' };
    // Not ephemeral: a PostgreSQL that does not flush forgets what it acknowledged when it is killed.
    await using cluster = await ownCluster(ctx, { gatewaySettings, ephemeral: false });
    const rest = restOf(ctx, cluster);
    const file = { seed: ctx.seed, filename: 'before.bin', sizeBytes: MiB };
    const { file_id } = await storeFile(rest, file);
    const load = startLoad(rest, (client, n) => {
      return {
        seed: `${ctx.seed}/${client}/${n}`,
        filename: `load-${client}-${n}`,
        sizeBytes: ctx.choices.int(1, MiB),
      };
    });
    ctx.defer(async () => void (await load.stop()));

    const outages = [
      { how: 'gone', leave: () => cluster.postgres.stop(), comeBack: () => cluster.postgres.start() },
      { how: 'gone', leave: () => cluster.postgres.kill('SIGKILL'), comeBack: () => cluster.postgres.start() },
      {
        how: 'frozen',
        leave: () => cluster.postgres.kill('SIGSTOP'),
        comeBack: () => cluster.postgres.kill('SIGCONT'),
      },
    ] as const;
    for (const { how, leave, comeBack } of outages) {
      await until({ what: 'the load to be served', withinMs: 20_000 }, () => load.hasProgressed());
      await leave();
      await Promise.all(callsOf(rest, file_id).map((call) => assertUnavailable(call, refusedWithinMs[how])));
      assert.equal((await rest.send({ method: 'GET', path: '/health/live' })).status, 200);
      assert.equal((await rest.send({ method: 'GET', path: '/health/ready' })).status, 503);
      await comeBack();
      await until({ what: 'the gateway to be ready again', withinMs: 15_000 }, async () => {
        return (await rest.send({ method: 'GET', path: '/health/ready' })).status === 200;
      });
      await assertReadsBack(rest, file_id, file);
    }
    await until({ what: 'the load to be served', withinMs: 20_000 }, () => load.hasProgressed());
    const acknowledged = await load.stop();

    for (const one of acknowledged) await assertReadsBack(rest, one.fileId, one.file);
    await untilCensusIsClean(cluster, { replicas: 2, withinMs: 30_000 });
    ctx.note('files acknowledged around the outages', acknowledged.length);
  },
);

function callsOf(rest: RestClient, fileId: string): (() => Promise<RestResponse<unknown>>)[] {
  const file = { seed: 1, filename: 'during-the-outage.bin', sizeBytes: 1_000 };
  return [
    () => rest.send({ method: 'GET', path: `/files/${fileId}` }),
    () => rest.metadata(fileId),
    () => rest.list(),
    () => rest.delete(unknownId),
    () => sendFile(rest, file),
  ];
}

async function assertUnavailable(call: () => Promise<RestResponse<unknown>>, withinMs: number): Promise<void> {
  const sinceMs = performance.now();
  const answer = await call();
  const tookMs = performance.now() - sinceMs;
  assertRefused(answer, 503);
  assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
  assert.ok(tookMs < withinMs, `the refusal took ${Math.round(tookMs)} ms`);
}

interface Acknowledged {
  readonly fileId: string;
  readonly file: SeededFile;
}

/** Clients that store small files one after another until they are told to stop, and keep what was acknowledged. */
function startLoad(rest: RestClient, fileOf: (client: number, n: number) => SeededFile) {
  const acknowledged: Acknowledged[] = [];
  let isStopped = false;
  let seen = 0;
  const oneClient = async (client: number) => {
    for (let n = 0; !isStopped; n++) {
      const file = fileOf(client, n);
      const answer = await sendFile(rest, file);
      if (answer.status === 201) acknowledged.push({ fileId: answer.body.file_id, file });
      else assertRefused(answer, 503);
    }
  };
  const ended = Promise.all(Array.from({ length: loadClients }, (_, client) => oneClient(client)));
  ended.catch(() => {});
  return {
    /** Whether more has been acknowledged since it was last asked. */
    hasProgressed: () => {
      const hasMore = acknowledged.length > seen;
      seen = acknowledged.length;
      return hasMore;
    },
    stop: async () => {
      isStopped = true;
      await ended;
      return acknowledged;
    },
  };
}
