import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KiB, MiB } from './bytes.ts';
import { BufferHeap } from './heap.ts';

test('buffers whose bytes have been passed on do not pile up', () => {
  const heap = new BufferHeap();
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  for (let read = 0; read < 256 * MiB; read += 64 * KiB) {
    const buffer = Buffer.allocUnsafeSlow(64 * KiB);
    heap.passed(buffer.length);

    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  }
  // What passed since the last collection, what that one found, whose memory a thread gives back beside us, and what it kept.
  assert.ok(peak < 28 * MiB, `${Math.round(peak / MiB)} MiB of dead buffers lay about`);
});
