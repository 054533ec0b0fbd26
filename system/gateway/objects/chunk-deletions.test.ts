import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { sweepDeletions } from './chunk-deletions.ts';
import { MemoryMetadata } from './memory-metadata.fixture.ts';
import { MemoryNodes } from './memory-nodes.fixture.ts';
import type { Replica } from './ports.ts';

test('a sweep ends although new deletions are queued all the time, so that what comes behind it is not kept waiting', async () => {
  let queued = 0;
  class BusyQueue extends MemoryMetadata {
    override async takeDueDeletions(): Promise<readonly Replica[]> {
      assert.ok(queued < 100, 'the sweep goes on for as long as clients delete');
      return [{ chunkId: `chunk-${queued++}`, serverId: 'node-0' }];
    }
  }
  const deps = {
    metadata: new BusyQueue(),
    nodes: new MemoryNodes(),
    log: createLogger('test', 'silent'),
    failpoints: noFailpoints,
  };
  assert.equal(await sweepDeletions(deps, 1_000, new AbortController().signal), 1);
});
