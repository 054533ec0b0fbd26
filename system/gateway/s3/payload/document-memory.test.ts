import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiB } from '../../../common/bytes.ts';
import { VirtualClock } from '../../../common/virtual-clock.ts';
import { DocumentMemory } from './document-memory.ts';

const { signal } = new AbortController();

test('what has no room waits in order, also where something smaller would fit', async () => {
  const memory = new DocumentMemory(new VirtualClock());
  const first = await memory.take(20 * MiB, signal);
  const entered: string[] = [];
  const large = memory.take(30 * MiB, signal).then((room) => {
    entered.push('large');
    return room;
  });
  const small = memory.take(1, signal).then((room) => {
    entered.push('small');
    return room;
  });
  await Promise.resolve();
  assert.deepEqual(entered, []);
  first[Symbol.dispose]();
  (await large)[Symbol.dispose]();
  (await small)[Symbol.dispose]();
  assert.deepEqual(entered, ['large', 'small']);
  (await memory.take(32 * MiB, signal))[Symbol.dispose]();
});

test('who leaves makes way for those behind, and takes nothing along', async () => {
  const clock = new VirtualClock();
  const memory = new DocumentMemory(clock);
  const first = await memory.take(20 * MiB, signal);
  const client = new AbortController();
  const gone = assert.rejects(memory.take(30 * MiB, client.signal), /the client left/);
  const small = memory.take(5 * MiB, signal);
  client.abort(new Error('the client left'));
  await gone;
  (await small)[Symbol.dispose]();
  const late = assert.rejects(memory.take(30 * MiB, signal), { code: 'Overloaded' });
  clock.advance(30_001);
  await late;
  first[Symbol.dispose]();
  (await memory.take(32 * MiB, signal))[Symbol.dispose]();
});

test('too many that wait are refused at once', async () => {
  const memory = new DocumentMemory(new VirtualClock());
  const client = new AbortController();
  await memory.take(32 * MiB, signal);
  const waiting = Array.from({ length: 1_000 }, () => memory.take(1, client.signal).catch(() => 'left'));
  await assert.rejects(memory.take(1, signal), { code: 'Overloaded' });
  client.abort();
  assert.ok((await Promise.all(waiting)).every((outcome) => outcome === 'left'));
});
