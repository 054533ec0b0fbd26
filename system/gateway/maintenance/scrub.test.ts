import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BytePace } from '../objects/byte-pace.ts';
import type { ScrubState } from '../objects/care-report.ts';
import { StoreError } from '../objects/errors.ts';
import { maintained } from './maintenance.fixture.ts';
import { Scrub } from './scrub.ts';

const signal = new AbortController().signal;
const PERIOD_MS = 1_000_000;

function scrubbed(pacePerSecond = 1e12) {
  const store = maintained();
  let found = 0;
  let verified = 0;
  const deps = {
    ...store.deps,
    pace: new BytePace(pacePerSecond, store.clock),
    periodMs: PERIOD_MS,
    onVerified: (replicas: number) => {
      verified += replicas;
    },
    onProblems: () => {
      found++;
    },
  };
  const scrub = new Scrub(deps);
  const state = () => store.metadata.jobs.get('scrub') as ScrubState;
  return { store, scrub, deps, state, found: () => found, verified: () => verified };
}

test('a round reads every replica once, finds what is damaged, absent or another, and rests until the next is due', async () => {
  const { store, scrub, state, found } = scrubbed();
  const { chunks } = await store.store();
  const at = (number: number, rank: number) => `${chunks[number]?.serverIds[rank]}/${chunks[number]?.chunkId}`;
  store.nodes.damage.set(at(0, 0), [7]);
  store.nodes.chunks.delete(at(1, 1));
  store.nodes.chunks.set(at(2, 0), Buffer.from('other bytes'));
  scrub.ask();
  await scrub.run(signal);
  const kinds = [...store.metadata.problems.values()].map(({ kind }) => kind);
  assert.deepEqual(kinds.sort(), ['absent', 'damaged', 'damaged']);
  assert.equal(found(), 3);
  assert.equal(state().verifiedReplicas, 12);
  assert.equal(state().finishedAtMs, 0);

  store.clock.advance(PERIOD_MS - 1);
  await scrub.run(signal);
  assert.equal(state().startedAtMs, 0);
  store.clock.advance(1);
  await scrub.run(signal);
  assert.equal(state().startedAtMs, PERIOD_MS);
});

test('a round is spread over its period, and is over before the end of it', async () => {
  const { store, scrub, state, verified } = scrubbed();
  for (let file = 0; file < 10; file++) await store.store();
  await scrub.run(signal);
  assert.equal(verified(), 0);
  store.clock.advance(PERIOD_MS * 0.45);
  await scrub.run(signal);
  assert.ok(Math.abs(verified() - 60) <= 2, `${verified()} of 120 replicas at half of the time`);
  assert.equal(state().finishedAtMs, null);
  store.clock.advance(PERIOD_MS * 0.45);
  await scrub.run(signal);
  assert.equal(verified(), 120);
  assert.equal(state().finishedAtMs, PERIOD_MS * 0.9);
});

test('another gateway goes on where the last one stopped', async () => {
  const { store, scrub, deps, verified } = scrubbed();
  for (let file = 0; file < 5; file++) await store.store();
  await scrub.run(signal);
  store.clock.advance(PERIOD_MS * 0.3);
  await scrub.run(signal);
  const before = verified();
  store.clock.advance(PERIOD_MS * 0.6);
  await new Scrub(deps).run(signal);
  assert.ok(before > 0);
  assert.equal(verified(), 60);
});

test('a round that was asked for is not forgotten when its first step fails', async () => {
  const { store, scrub, deps, state } = scrubbed();
  await store.store();
  const { metadata } = store;
  const chunksAfter = metadata.chunksAfter.bind(metadata);
  metadata.chunksAfter = async () => {
    throw new StoreError('DatabaseUnavailable', 'the database cannot be reached now');
  };
  scrub.ask();
  await assert.rejects(scrub.run(signal), { code: 'DatabaseUnavailable' });
  metadata.chunksAfter = chunksAfter;
  await new Scrub(deps).run(signal);
  assert.equal(state().verifiedReplicas, 12);
});

test('a server that is out of reach does not hold the round up', async () => {
  const { store, scrub, state } = scrubbed();
  await store.store();
  store.nodes.misbehaving.set('node-3', { kind: 'unavailable' });
  scrub.ask();
  await scrub.run(signal);
  assert.equal(state().unreachable, 2);
  assert.equal(state().verifiedReplicas, 10);
  assert.notEqual(state().finishedAtMs, null);
  assert.equal(store.metadata.problems.size, 0);
});

test('a scrub reads no faster than it may', async () => {
  const { store, scrub } = scrubbed(100_000);
  await store.store(600_000);
  scrub.ask();
  const running = scrub.run(signal);
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise(setImmediate);
    if (!isOver) store.clock.advance(10);
  }
  // 1.2 MB of replicas at 0.1 MB/s, less the burst.
  assert.ok(store.clock.monotonicMs() >= 11_700, `it took ${store.clock.monotonicMs()} ms`);
});
