import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededSha256 } from '../seed/seeded-bytes.ts';
import { chunkFileBytes, nodeFolder } from './chunk-file.fixture.ts';
import type { Inspection } from './chunk-file.ts';
import type { PromisedChunk } from './metadata-tables.ts';
import { chunkFilesOf, complaints, judge } from './physical-census.ts';

const good: Inspection = { state: 'good', sizeBytes: 10, sha256: seededSha256('a', 10) };
const bad: Inspection = { state: 'damaged', region: 'block', what: 'block 0' };

describe('the physical census', () => {
  test('has nothing to say when each chunk is good on just the nodes that the tables name', () => {
    const census = judge([promised('a', 'n1', 'n2')], [found('a', 'n1', good), found('a', 'n2', good)]);
    assert.deepEqual(complaints(census, 2), []);
    assert.deepEqual(
      [...census.goodBytes],
      [
        ['n1', 10],
        ['n2', 10],
      ],
    );
  });

  test('does not count a damaged replica, nor one with other bytes than were promised', () => {
    const other: Inspection = { ...good, sha256: seededSha256('b', 10) };
    for (const inspection of [bad, other]) {
      const census = judge([promised('a', 'n1', 'n2')], [found('a', 'n1', good), found('a', 'n2', inspection)]);
      assert.deepEqual(census.chunks[0]?.good, ['n1']);
      assert.equal(census.damaged[0]?.serverId, 'n2');
      assert.equal(complaints(census, 2).length, 2);
    }
  });

  test('tells chunks of no file, and chunks that lie on another node than the tables say', () => {
    const orphan = judge([], [found('a', 'n1', good)]);
    assert.match(complaints(orphan, 2).join(), /n1 holds a, a chunk of no completed file/);
    const moved = judge([promised('a', 'n1', 'n2')], [found('a', 'n1', good), found('a', 'n3', good)]);
    assert.match(complaints(moved, 2).join(), /lies on n3, which the tables do not say/);
  });

  test('says that a promised chunk without any file has no good replica', () => {
    assert.match(complaints(judge([promised('a', 'n1')], []), 2).join(), /has 0 good replicas, expected 2/);
  });

  test('gives each file of a disk to one of several readers', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `chunk-${n}`);
    const file = chunkFileBytes('chunk', Buffer.from('x'));
    await using folder = await nodeFolder(Object.fromEntries(ids.map((id) => [id, file])));
    const files = chunkFilesOf([{ serverId: 'n1', address: '', dataDir: folder.dataDir }]);
    const seen: string[] = [];
    const reader = async () => {
      for await (const { chunkId } of files) seen.push(chunkId);
    };
    await Promise.all([reader(), reader(), reader()]);
    assert.deepEqual(seen.sort(), ids.sort());
  });
});

function promised(chunkId: string, ...servers: string[]): PromisedChunk {
  return {
    chunk_id: chunkId,
    file_id: 'file',
    storage_server_id: servers[0] ?? '',
    replica_server_ids: servers,
    chunk_size: '10',
    chunk_hash: seededSha256('a', 10),
  };
}

function found(chunkId: string, serverId: string, inspection: Inspection) {
  return { chunkId, serverId, path: `/${serverId}/${chunkId}`, inspection };
}
