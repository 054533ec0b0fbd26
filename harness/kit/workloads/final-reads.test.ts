import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finalReads } from './final-reads.ts';
import { LyingS3 } from './lying-s3.fixture.ts';
import { planOf, recorded, s3 } from './recorded-run.fixture.ts';
import { runClients } from './run-clients.ts';
import { untilServing } from './until-serving.ts';

const puts = [s3.put('v1'), s3.put('v2', 50, { key: 'keys/b' }), s3.put('v3', 50, { key: 'more/c' }), s3.delete()];
const unavailable = { status: 503, code: 'SlowDown' };

test('every key is read and every folder is listed once, and a read that fails is recorded and tried again', async () => {
  await using store = await LyingS3.start();
  let refusals = 10;
  const operations = await recorded(planOf(puts), { s3: store.url }, async (plan, deps) => {
    await runClients(plan, deps);
    store.lies = { refuses: (step) => (step === 'GET' && refusals-- > 0 ? unavailable : undefined) };
    await finalReads(plan, deps);
  });
  const reads = operations.slice(puts.length);
  const answered = reads.filter(({ end }) => end?.type === 'ok');
  const asked = answered.map(({ invoke: { call } }) => (call.kind === 'list' ? call.prefix : call.key));
  assert.deepEqual(asked.toSorted(), ['keys/', 'keys/a', 'keys/b', 'more/', 'more/c']);
  assert.equal(reads.length - answered.length, 10);
  assert.ok(reads.every(({ end }) => end?.type === 'ok' || end?.answer === '503 SlowDown'));
});

test('a key that is never answered is given up at the deadline', async () => {
  await using store = await LyingS3.start({ refuses: () => unavailable });
  const operations = await recorded(planOf(puts, { recoveryMs: 600 }), { s3: store.url }, finalReads);
  assert.ok(operations.length >= 5);
  assert.ok(operations.every(({ end }) => end?.type === 'fail'));
});

test('where it would bring nothing, each key is asked for once, although none is answered', async () => {
  await using store = await LyingS3.start({ refuses: () => unavailable });
  const asked = await recorded(planOf(puts), { s3: store.url }, (plan, deps) => finalReads(plan, deps, 'once'));
  assert.equal(asked.length, 5);
});

test('a store that refuses does not count as serving', async () => {
  await using store = await LyingS3.start({ refuses: () => unavailable });
  let serves: boolean | undefined;
  await recorded(planOf([], { recoveryMs: 300 }), { s3: store.url }, async (plan, deps) => {
    serves = await untilServing(plan, deps);
  });
  assert.equal(serves, false);
});
