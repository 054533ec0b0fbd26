/**
 * Uploads many files through the gateway and counts, by the nodes' own lists, where their chunks lie. A failure
 * means that one server fills up or is read more than others, or that a chunk lies twice on one server.
 */
import assert from 'node:assert/strict';
import { NodeClient } from '../kit/clients/node-client.ts';
import { RestClient } from '../kit/clients/rest-client.ts';
import { expectedRange } from '../kit/seed/seeded-bytes.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { testCase } from '../kit/testing/test-case.ts';

const files = 100;
const clients = 8;
const chunksPerFile = 6;
/** Between the fullest and the emptiest server, as a part of the mean. */
const spreadMax = 0.1;

testCase(
  'G9',
  'the chunks of many files are spread over all servers, evenly within bounds',
  { needs: ['nodes'], timeoutMs: 120_000 },
  async (ctx) => {
    using rest = new RestClient(ctx.target.rest);
    const fileIds = await uploadAll(ctx, rest);
    ctx.defer(async () => {
      for (const fileId of fileIds) await rest.delete(fileId);
    });
    const expected = new Map(ctx.target.nodes.map(({ serverId }) => [serverId, new Set<string>()]));
    for (const fileId of fileIds) {
      const { chunks } = (await rest.metadata(fileId)).body;
      const primaries = new Set(chunks.map(({ server_id }) => server_id));
      assert.equal(primaries.size, chunksPerFile, `the chunks of ${fileId} lie on ${[...primaries].join(', ')} only`);
      for (const { chunk_id, server_id, replicas } of chunks) {
        const holders = new Set([server_id, ...replicas]);
        assert.equal(holders.size, replicas.length, `${chunk_id} lies twice on one of ${replicas.join(', ')}`);
        for (const holder of holders) expected.get(holder)?.add(chunk_id);
      }
    }
    const counts: number[] = [];
    for (const { serverId, address } of ctx.target.nodes) {
      using node = new NodeClient(address);
      const listed = new Set((await Array.fromAsync(node.listChunks())).map(({ chunkId }) => chunkId));
      const promised = expected.get(serverId) ?? new Set();
      assert.deepEqual(
        [...promised].filter((id) => !listed.has(id)),
        [],
        `${serverId} lacks chunks it shall hold`,
      );
      counts.push(promised.size);
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const spread = (Math.max(...counts) - Math.min(...counts)) / mean;
    ctx.note('chunks on each server', counts.join(' '));
    ctx.note('spread, % of the mean', Math.round(spread * 100));
    assert.ok(spread <= spreadMax, `the fullest and the emptiest differ by ${Math.round(spread * 100)} % of the mean`);
  },
);

async function uploadAll(ctx: CaseContext, rest: RestClient): Promise<string[]> {
  const fileIds: string[] = [];
  let next = 0;
  const client = async () => {
    while (next < files) {
      const name = `spread-${next++}`;
      const data = expectedRange(`${ctx.seed}/${name}`, 0, 6_000);
      const { status, body, text } = await rest.upload({ filename: name, data: [data], sizeBytes: data.length });
      assert.equal(status, 201, text);
      fileIds.push(body.file_id);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return fileIds;
}
