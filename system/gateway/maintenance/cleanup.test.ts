import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { MemoryMetadata } from '../objects/memory-metadata.fixture.ts';
import { MemoryNodes } from '../objects/memory-nodes.fixture.ts';
import type { Replica } from '../objects/ports.ts';
import { cleanUp } from './cleanup.ts';

test('expired sessions are ended again and again while clients delete more than can be swept', async () => {
  const queueLength = 5_000;
  class LongQueue extends MemoryMetadata {
    taken = 0;
    readonly takenAtExpiry: number[] = [];
    override async takeDueDeletions(limit: number): Promise<readonly Replica[]> {
      const count = Math.min(limit, queueLength - this.taken);
      return Array.from({ length: count }, () => ({ chunkId: `chunk-${this.taken++}`, serverId: 'node-0' }));
    }
    override async expireSessions(): Promise<number> {
      this.takenAtExpiry.push(this.taken);
      return 0;
    }
  }
  const metadata = new LongQueue();
  const log = createLogger('test', 'silent');
  const clock = new VirtualClock();
  const deps = { metadata, nodes: new MemoryNodes(), clock, log, failpoints: noFailpoints, workLeaseMs: 1_000 };
  assert.equal(await cleanUp(deps, new AbortController().signal), 'done');
  assert.equal(metadata.taken, queueLength, 'everything that was queued is deleted in the end');
  const moments = [...metadata.takenAtExpiry, queueLength];
  const waits = moments.map((taken, turn) => taken - (moments[turn - 1] ?? 0));
  assert.ok(Math.max(...waits) <= 1_000, `sessions waited for ${Math.max(...waits)} deletions`);
});

test('a run forgets every session that ended long ago, however many uploads there were since the last one', async () => {
  class ManySessions extends MemoryMetadata {
    ended = 1_250;
    override async forgetSessions(limit: number): Promise<number> {
      const forgotten = Math.min(limit, this.ended);
      this.ended -= forgotten;
      return forgotten;
    }
  }
  const metadata = new ManySessions();
  const log = createLogger('test', 'silent');
  const clock = new VirtualClock();
  const deps = { metadata, nodes: new MemoryNodes(), clock, log, failpoints: noFailpoints, workLeaseMs: 1_000 };
  await cleanUp(deps, new AbortController().signal);
  assert.equal(metadata.ended, 0);
});

test('a gateway that stood still for longer than its lease on deletions begins none of them any more', async () => {
  const metadata = new MemoryMetadata();
  const nodes = new MemoryNodes();
  const clock = new VirtualClock();
  for (let n = 0; n < 50; n++) {
    metadata.deletions.set(`chunk-${n}`, { chunkId: `chunk-${n}`, serverId: 'node-0' });
    nodes.chunks.set(`node-0/chunk-${n}`, Buffer.from('x'));
  }
  metadata.deletionsDone = async () => undefined;
  const failpoints = {
    reach: async (name: string) => (name === 'deletions.mid-way' ? clock.advance(61_000) : undefined),
  };
  const deps = { metadata, nodes, clock, log: createLogger('test', 'silent'), failpoints, workLeaseMs: 60_000 };
  await cleanUp(deps, new AbortController().signal);
  // Twelve were under way; another gateway may have made the others anew by now.
  assert.equal(nodes.chunks.size, 38);
});
