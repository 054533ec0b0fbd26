import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { failedWith, grpcStatus, NodeClient } from '../../clients/node-client.ts';
import { startNode } from '../../cluster/start-node.ts';
import { Choices } from '../../seed/choices.ts';
import { during } from '../fault.ts';
import { olderData } from './older-data.ts';
import { tornTemporary } from './torn-temporary.ts';

const content = Buffer.alloc(50_000, 'sextant');

describe('a node that was down', () => {
  test('finds a torn temporary file, which is not served and is gone again', async () => {
    await using node = await startNode();
    using client = new NodeClient(node.address);
    await client.putChunk({ chunkId: 'whole', data: [content] });
    const fault = tornTemporary(node, new Choices('torn'));
    await during(fault, async () => {
      assert.equal(node.isRunning, false);
      const [torn, ...others] = await readdir(join(node.dataDir, 'tmp'));
      assert.deepEqual(others, []);
      assert.match(fault.describe(), new RegExp(`^node is killed with ${torn}, the first \\d+ bytes of whole, among`));
    });
    assert.deepEqual(await readdir(join(node.dataDir, 'tmp')), []);
    assert.equal((await client.verifyChunk('whole')).size, content.length);
  });

  test('returns with older data: without what came since, with what went since, under its old name', async () => {
    await using node = await startNode();
    const { serverId } = node;
    using client = new NodeClient(node.address);
    await client.putChunk({ chunkId: 'deleted', data: [content] });
    await during(olderData(node), async () => {
      assert.equal((await client.verifyChunk('deleted')).size, content.length);
      await client.deleteChunk('deleted');
      await client.putChunk({ chunkId: 'stored', data: [content] });
    });
    assert.equal((await client.verifyChunk('deleted')).size, content.length);
    await assert.rejects(client.verifyChunk('stored'), (error) => failedWith(error, grpcStatus.NOT_FOUND));
    assert.equal(node.serverId, serverId);
    assert.equal(existsSync(`${node.dataDir}-older`), false);
  });
});
