import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChunkStanding, FoundReplica, PhysicalCensus } from '../census/physical-census.ts';
import { LostChunks, ofReplicas } from './census-event.ts';

const promised = {
  chunk_id: 'c1',
  file_id: 'f1',
  storage_server_id: 'n1',
  replica_server_ids: ['n1', 'n2'],
  chunk_size: '10',
  chunk_hash: '',
};
const standing = (...good: string[]): ChunkStanding => ({ chunk: promised, good });
const found: FoundReplica = { serverId: 'n3', chunkId: 'c9', path: '' };
const census = (parts: Partial<PhysicalCensus>): PhysicalCensus => {
  return { chunks: [], orphans: [], damaged: [], goodBytes: new Map(), ...parts };
};

test('what lies where the tables say is no finding', () => {
  assert.deepEqual(ofReplicas(census({ chunks: [standing('n1', 'n2')] }), 2), { missing: [], orphans: [] });
});

test('a replica that no disk holds whole is missing, by the node that should hold it', () => {
  const { missing } = ofReplicas(census({ chunks: [standing('n1')] }), 2);
  assert.deepEqual(missing, ['chunk c1 of file f1 has 1 good replicas of 2; n2 should hold it']);
});

test('as many as were promised, and one of them elsewhere, are a missing one and an orphan', () => {
  const { missing, orphans } = ofReplicas(census({ chunks: [standing('n1', 'n4')] }), 2);
  assert.deepEqual([missing.length, orphans], [1, ['n4 holds c1, which the tables do not say']]);
});

test('a good one more than was promised is an orphan, though the tables list it', () => {
  const chunk = { ...promised, replica_server_ids: ['n1', 'n2', 'n3'] };
  const found = ofReplicas(census({ chunks: [{ chunk, good: ['n3', 'n1', 'n2'] }] }), 2);
  assert.deepEqual(found, { missing: [], orphans: ['n1, n2, n3 hold c1, of which 2 replicas are enough'] });
});

test('files of no chunk and damaged ones are orphans', () => {
  const damaged = [{ ...found, what: 'block 0 is wrong' }];
  assert.equal(ofReplicas(census({ orphans: [found], damaged }), 2).orphans.length, 2);
});

test('a chunk is given up when it was without a good replica at every look of five seconds', () => {
  const [none, one] = [census({ chunks: [standing()] }), census({ chunks: [standing('n1')] })];
  const lost = new LostChunks();
  assert.deepEqual(
    [lost.areCertain(none, 0), lost.areCertain(none, 4_999), lost.areCertain(none, 5_000)],
    [false, false, true],
  );
  const found = new LostChunks();
  assert.deepEqual(
    [found.areCertain(none, 0), found.areCertain(one, 3_000), found.areCertain(none, 6_000)],
    [false, false, false],
  );
});
