/**
 * Writes and reads 1 GiB on a node that has nothing else to do, several times. A failure means that even the best of
 * them stayed below the floor: a busy machine slows some rounds, a slow node all.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { median } from '../kit/measure/statistics.ts';
import { measureTransfer, type Transfer } from '../kit/measure/transfer.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { MiB, SeededChunk } from './seeded-chunk.ts';

const floorMbPerSecond = 200;
const rounds = 4;
const sizeBytes = 1024 * MiB;
/** As the gateway sends and wants them. */
const messageBytes = MiB;

testCase(
  'G7',
  'a node writes and reads faster than the floor of 200 MB/s',
  { cluster: 'own', tags: ['slow'], timeoutMs: 300_000 },
  async (ctx) => {
    await using node = await ownNode(ctx);
    using client = new NodeClient(node.address);
    await client.connected();
    const writes: Transfer<'node'>[] = [];
    const reads: Transfer<'node'>[] = [];
    for (let round = 0; round < rounds; round++) {
      const chunk = new SeededChunk(ctx, `round-${round}`, sizeBytes);
      const { chunkId } = chunk;
      const put = () => client.putChunk({ chunkId, data: chunk.data(messageBytes), withCrc: true });
      const write = await measureTransfer(sizeBytes, { node: [node] }, put);
      const read = await measureTransfer(sizeBytes, { node: [node] }, () => countBytes(client, chunkId));
      // The first round also pays for a process that has just started.
      if (round > 0) {
        writes.push(write);
        reads.push(read);
      }
      if (round === rounds - 1) assert.equal((await chunk.readFrom(client)).message, 'whole');
      await client.deleteChunk(chunkId);
    }
    noteAll(ctx, 'write', writes);
    noteAll(ctx, 'read', reads);
    ctx.note('node peak RSS, MiB', Math.round((node.peakRssBytes() ?? 0) / MiB));
    for (const [what, list] of Object.entries({ written: writes, read: reads })) {
      const best = Math.max(...list.map(({ mbPerSecond }) => mbPerSecond));
      assert.ok(best >= floorMbPerSecond, `${Math.round(best)} MB/s were ${what} at best`);
    }
  },
);

function noteAll(ctx: CaseContext, what: string, transfers: readonly Transfer<'node'>[]): void {
  const speeds = transfers.map(({ mbPerSecond }) => Math.round(mbPerSecond));
  ctx.note(`MB/s ${what} (floor ${floorMbPerSecond})`, `${median(speeds)} (${speeds.join(' ')})`);
  const cpu = transfers.map(({ cpuSecondsPerGib }) => cpuSecondsPerGib.node).filter((one) => one !== null);
  if (cpu.length > 0) ctx.note(`node CPU s/GiB ${what}`, median(cpu).toFixed(2));
}

/** The bytes are only counted: what a check of them costs is not the node's. */
async function countBytes(client: NodeClient, chunkId: string): Promise<void> {
  let bytes = 0;
  for await (const piece of client.getChunk({ chunkId, messageBytes })) bytes += piece.length;
  assert.equal(bytes, sizeBytes);
}
