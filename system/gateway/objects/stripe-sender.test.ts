import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { FramePool } from './frame-pool.ts';
import { MemoryNodes } from './memory-nodes.fixture.ts';
import { StripeSender } from './stripe-sender.ts';

test('a client that stops sending gives its memory back, and its file stays whole', async () => {
  const clock = new VirtualClock();
  const pool = new FramePool(1, clock);
  const nodes = new MemoryNodes();
  const { signal } = new AbortController();
  const chunks = Array.from({ length: 6 }, (_, chunkNumber) => {
    return { chunkId: `chunk-${chunkNumber}`, chunkNumber, serverIds: [`node-${chunkNumber}`] };
  });
  const seen: Buffer[] = [];
  const observe = (data: Buffer) => void seen.push(Buffer.from(data));
  const sender = new StripeSender({
    nodes,
    pool,
    clock,
    failpoints: noFailpoints,
    chunks,
    unitBytes: 10,
    observe,
    signal,
  });

  await sender.write(Buffer.from('0123456789abcd'));
  clock.advance(1_000);
  const frame = await pool.take(AbortSignal.timeout(1_000));
  pool.give(frame);
  await sender.write(Buffer.from('efghijKL'));
  const sent = await sender.finish();

  assert.equal(Buffer.concat(seen).toString(), '0123456789abcdefghijKL');
  assert.deepEqual(
    sent.map(({ sizeBytes }) => sizeBytes),
    [10, 10, 2, 0, 0, 0],
  );
  assert.equal(nodes.chunks.get('node-1/chunk-1')?.toString(), 'abcdefghij');
  assert.equal(clock.pending, 0, 'no timer is left');
});
