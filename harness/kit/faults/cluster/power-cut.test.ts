/** What a power cut takes from a node: a failure means that it takes what was acknowledged, or leaves what only the page cache had. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NodeClient } from '../../clients/node-client.ts';
import { startNode } from '../../cluster/start-node.ts';
import { until } from '../../testing/until.ts';
import { journalOf, powerCutSettings } from './power-cut.ts';
import { loseUnflushed } from './unflushed.ts';

const content = Buffer.alloc(300_000, 'sextant');

test('a node keeps what it acknowledged, and loses the bytes of an upload that it has not', async () => {
  const controlDir = await mkdtemp(join(tmpdir(), 'sextant-power-cut-'));
  try {
    await using node = await startNode({ settings: powerCutSettings(controlDir, 'node-1') });
    const unfinished = join(node.dataDir, 'tmp');
    using client = new NodeClient(node.address);
    assert.equal((await client.putChunk({ chunkId: 'whole', data: [content] })).success, true);
    const upload = client.putChunk({ chunkId: 'half', data: halfOf(content) });
    upload.catch(() => {});
    await until({ what: 'bytes of the half upload on the disk', withinMs: 10_000, pollMs: 20 }, async () => {
      const [name] = await readdir(unfinished);
      return name !== undefined && (await stat(join(unfinished, name))).size > 0;
    });
    await node.kill('SIGKILL');
    await assert.rejects(upload);
    assert.equal(await loseUnflushed(journalOf(controlDir, 'node-1')), 1);
    assert.deepEqual(await readdir(unfinished), []);
    assert.equal(await loseUnflushed(journalOf(controlDir, 'node-1')), null, 'it is lost once');
    await node.start();
    using again = new NodeClient(node.address);
    assert.deepEqual(Buffer.concat(await Array.fromAsync(again.getChunk({ chunkId: 'whole' }))), content);
  } finally {
    await rm(controlDir, { recursive: true });
  }
});

/** More than the node keeps in memory before it writes; and then nothing, for as long as the test lasts. */
async function* halfOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let n = 0; n < 20; n++) yield bytes;
  await new Promise(() => {});
}
