import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import { systemRandom as random } from '../../common/random.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { copyChunk } from './copy-chunk.ts';
import { numbered } from './files.fixture.ts';
import { FramePool } from './frame-pool.ts';
import { MemoryNodes } from './memory-nodes.fixture.ts';

const { signal } = new AbortController();

test('a copy that gets no memory leaves no stream to its target open', async () => {
  const nodes = new MemoryNodes();
  const data = numbered(1_000);
  nodes.chunks.set('n0/c', data);
  const clock = new VirtualClock();
  const pool = new FramePool(1, clock);
  const taken = await pool.take(signal);
  const deps = { nodes, clock, random, pool, failpoints: noFailpoints, onReplicaFailure: () => undefined };
  const sha256 = createHash('sha256').update(data).digest('hex');
  const chunk = { chunkId: 'c', serverIds: ['n0'], sizeBytes: data.length, sha256 };
  const copying = assert.rejects(copyChunk(deps, chunk, 'n1', signal), { code: 'Overloaded' });
  clock.advance(60_000);
  await copying;
  assert.equal(nodes.openWriters, 0);

  pool.give(taken);
  await copyChunk(deps, chunk, 'n1', signal);
  assert.ok(nodes.chunks.get('n1/c')?.equals(data));
  assert.equal(nodes.openWriters, 0);
});
