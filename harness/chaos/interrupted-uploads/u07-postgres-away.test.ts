/**
 * PostgreSQL is gone for a while under load. A failure means clients that hang, answers that do not say when to come
 * back, gateways that need a restart afterwards, or acknowledged files that are lost.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { ManagedPostgres } from '../../kit/cluster/target.ts';
import { during, type Fault } from '../../kit/faults/fault.ts';
import { pause } from '../../kit/faults/process/pause.ts';
import { shutDown } from '../../kit/faults/process/shut-down.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { type CaseOptions, testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { startMixedLoad } from '../../kit/workloads/mixed-load.ts';
import { assertPromisesKept, breakableStore, needs } from './breakable-store.ts';

const store = breakableStore({ gateways: 2, ephemeral: false });
const awayMs = { fast: 8_000, full: 30_000 };
/** From the call to its 503. */
const refusedWithinMs = 2_000;
const recoveredWithinMs = 15_000;

const options: CaseOptions = { cluster: 'own', phase: 2, needs, timeoutMs: { fast: 120_000, full: 240_000 } };

testCase(
  'U20',
  'while PostgreSQL is gone every call is 503 with Retry-After at once; when it is back all goes on, and nothing is lost',
  options,
  (ctx) => outlastIts(ctx, shutDown),
);

testCase(
  'U23',
  'while PostgreSQL is frozen every call is 503 with Retry-After soon; when it thaws all goes on, and nothing is lost',
  options,
  (ctx) => outlastIts(ctx, pause),
);

async function outlastIts(ctx: CaseContext, absence: (postgres: ManagedPostgres) => Fault): Promise<void> {
  const cluster = await store();
  const gateways = cluster.gateways.map(({ rest }) => rest);
  const pids = cluster.gateways.map(({ pid }) => pid);
  await using load = startMixedLoad({ gateways, seed: ctx.seed, operationDeadlineMs: 30_000 });
  await load.untilAcknowledged(20);

  const refusals = await during(absence(cluster.postgres), () => askDuring(gateways, awayMs[ctx.tier]));
  for (const { what, status, retryAfter } of refusals) {
    assert.equal(status, 503, `${what} was answered with ${status}`);
    assert.match(retryAfter, /^[1-9]\d*$/, `${what} was refused without a time to come back`);
  }
  const slowestMs = Math.max(...refusals.map(({ tookMs }) => tookMs));
  ctx.note('ms to the slowest 503', Math.round(slowestMs));
  ctx.note('calls refused', refusals.length);
  assert.ok(slowestMs < refusedWithinMs, `a 503 took ${Math.round(slowestMs)} ms`);

  const backAtMs = performance.now();
  await load.untilAcknowledged(10, recoveredWithinMs);
  ctx.note('ms until uploads are acknowledged again', Math.round(performance.now() - backAtMs));
  const ledger = await load.stop();
  const odd = [...ledger.log.tally.keys()].filter((answer) => !/ (20[01]|404 FileNotFound|503 \w+)$/.test(answer));
  assert.deepEqual(odd, [], 'answers that are neither success nor a clear 503');
  assert.deepEqual(
    cluster.gateways.map(({ pid }) => pid),
    pids,
    'a gateway was restarted',
  );
  const { kept } = await assertPromisesKept(cluster, ledger);
  ctx.note('acknowledged files read back', kept);
}

/** Asks every gateway for everything again and again, and gives back every answer. */
async function askDuring(gateways: readonly URL[], forMs: number) {
  const answers: { what: string; status: number; retryAfter: string; tookMs: number }[] = [];
  const beganMs = performance.now();
  using clients = new DisposableStack();
  const rests = gateways.map((gateway) => clients.use(new RestClient(gateway)));
  await until({ what: 'the outage to be over', withinMs: 2 * forMs, pollMs: 100 }, async () => {
    for (const [what, call] of rests.flatMap(everyCall)) {
      const sinceMs = performance.now();
      // A connection that breaks is an answer too, of status 0: until() would pass over what is thrown.
      const { status, headers } = await call().catch(() => ({ status: 0, headers: {} as Record<string, string> }));
      const retryAfter = String(headers['retry-after'] ?? '');
      answers.push({ what, status, retryAfter, tookMs: performance.now() - sinceMs });
    }
    return performance.now() - beganMs >= forMs;
  });
  return answers;
}

/** Whatever a client may ask for that takes the database. */
function everyCall(rest: RestClient) {
  const nowhere = randomUUID();
  return [
    ['a list', () => rest.list()],
    ['a look at a file', () => rest.head(nowhere)],
    ['metadata', () => rest.metadata(nowhere)],
    ['a delete', () => rest.delete(nowhere)],
    ['an upload', () => rest.upload({ filename: 'refused', data: [Buffer.from('bytes')], sizeBytes: 5 })],
  ] as const;
}
