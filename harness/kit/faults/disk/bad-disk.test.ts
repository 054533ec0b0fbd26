import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failedWith, grpcStatus, NodeClient } from '../../clients/node-client.ts';
import { startNode } from '../../cluster/start-node.ts';
import { until } from '../../testing/until.ts';
import { during, type Fault } from '../fault.ts';
import { leverSettings } from '../lever.ts';
import { diskFull, diskReadError, diskWriteError, slowDisk } from './bad-disk.ts';

const content = Buffer.alloc(300_000, 'sextant');

describe('the disk of a running node', () => {
  test('that cannot read fails reads, keeps writes, and reads again when it is over', async () => {
    await using it = await aNode();
    await it.put('before');
    const fault = diskReadError(it.node, it.controlDir, 100);
    await during(fault, async () => {
      await assert.rejects(it.get('before'), (error) => !failedWith(error, grpcStatus.NOT_FOUND));
      assert.equal((await it.put('meanwhile')).success, true);
      // The process writes its count 25 ms after the read failed, at the latest.
      await untilTold(fault, /^the disk of node cannot read 100 % of the chunk files \([1-9]\d* failed so far\)$/);
    });
    for (const chunkId of ['before', 'meanwhile']) assert.deepEqual(await it.get(chunkId), content);
  });

  test('that cannot read some files cannot read always the same ones', async () => {
    await using it = await aNode();
    const chunkIds = Array.from({ length: 30 }, (_, n) => `chunk-${n}`);
    for (const chunkId of chunkIds) await it.put(chunkId);
    const failing = async () => {
      const outcomes = await Promise.allSettled(chunkIds.map((chunkId) => it.get(chunkId)));
      return chunkIds.filter((_, n) => outcomes[n]?.status === 'rejected');
    };
    await during(diskReadError(it.node, it.controlDir, 40), async () => {
      const first = await failing();
      assert.ok(first.length > 0 && first.length < chunkIds.length, `${first.length} of ${chunkIds.length}`);
      assert.deepEqual(await failing(), first);
    });
    assert.deepEqual(await failing(), []);
  });

  for (const [what, make, expected] of [
    ['is full', diskFull, grpcStatus.RESOURCE_EXHAUSTED],
    ['fails every write', diskWriteError, undefined],
  ] as const) {
    test(`that ${what} takes no chunk, serves what it has, and takes chunks again when it is over`, async () => {
      await using it = await aNode();
      await it.put('before');
      const fault = make(it.node, it.controlDir);
      await during(fault, async () => {
        await assert.rejects(it.put('meanwhile'), (error) => expected === undefined || failedWith(error, expected));
        assert.deepEqual(await it.get('before'), content);
        await untilTold(fault, new RegExp(`^the disk of node ${what} \\([1-9]\\d* failed so far\\)$`));
      });
      assert.equal((await it.put('after')).success, true);
    });
  }

  test('that is slow costs time and nothing else', async () => {
    await using it = await aNode();
    const delayMs = 150;
    const fault = slowDisk(it.node, it.controlDir, delayMs);
    await during(fault, async () => {
      const sinceMs = performance.now();
      await it.put('slow');
      assert.deepEqual(await it.get('slow'), content);
      // At least write, flush, rename, flush of the folder; and a read.
      assert.ok(performance.now() - sinceMs > 5 * delayMs);
      await untilTold(fault, /takes 150 ms longer for each operation \([1-9]\d* delayed so far\)$/);
    });
  });

  test('can be slow and full at once, and one ends before the other', async () => {
    await using it = await aNode();
    const full = diskFull(it.node, it.controlDir);
    await during(slowDisk(it.node, it.controlDir, 20), async () => {
      await full.start();
      await assert.rejects(it.put('meanwhile'));
      await full.stop();
      assert.equal((await it.put('after')).success, true);
    });
  });
});

async function aNode() {
  const controlDir = await mkdtemp(join(tmpdir(), 'sextant-bad-disk-'));
  const node = await startNode({ settings: leverSettings(controlDir, 'node') });
  const client = new NodeClient(node.address);
  const bytesOf = async (chunkId: string) => Buffer.concat(await Array.fromAsync(client.getChunk({ chunkId })));
  return {
    node,
    controlDir,
    put: (chunkId: string) => client.putChunk({ chunkId, data: [content] }),
    get: bytesOf,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await node[Symbol.asyncDispose]();
      await rm(controlDir, { recursive: true });
    },
  };
}

/** A process counts at once, and tells its count a moment later. */
async function untilTold(fault: Fault, expected: RegExp): Promise<void> {
  const what = `"${fault.describe()}" to become ${expected}`;
  await until({ what, withinMs: 5_000, pollMs: 10 }, () => expected.test(fault.describe()));
}
