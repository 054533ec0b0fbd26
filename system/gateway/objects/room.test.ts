import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { Room } from './room.ts';

const { signal } = new AbortController();

test('what has no room waits in order, also where something smaller would fit', async () => {
  const room = new Room(32, new VirtualClock());
  const first = await room.take(20, signal);
  const entered: string[] = [];
  const large = room.take(30, signal).then((place) => {
    entered.push('large');
    return place;
  });
  const small = room.take(1, signal).then((place) => {
    entered.push('small');
    return place;
  });
  await Promise.resolve();
  assert.deepEqual(entered, []);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  (await large)[Symbol.dispose]();
  (await small)[Symbol.dispose]();
  assert.deepEqual(entered, ['large', 'small']);
  (await room.take(32, signal))[Symbol.dispose]();
});

test('who leaves makes way for those behind, and takes nothing along', async () => {
  const clock = new VirtualClock();
  const room = new Room(32, clock);
  const first = await room.take(20, signal);
  const client = new AbortController();
  const gone = assert.rejects(room.take(30, client.signal), /the client left/);
  const small = room.take(5, signal);
  client.abort(new Error('the client left'));
  await gone;
  (await small)[Symbol.dispose]();
  const late = assert.rejects(room.take(30, signal), { code: 'Overloaded' });
  clock.advance(30_001);
  await late;
  first[Symbol.dispose]();
  (await room.take(32, signal))[Symbol.dispose]();
});

test('too many that wait are refused at once', async () => {
  const room = new Room(32, new VirtualClock());
  const client = new AbortController();
  await room.take(32, signal);
  const waiting = Array.from({ length: 1_000 }, () => room.take(1, client.signal).catch(() => 'left'));
  await assert.rejects(room.take(1, signal), { code: 'Overloaded' });
  client.abort();
  assert.ok((await Promise.all(waiting)).every((outcome) => outcome === 'left'));
});
