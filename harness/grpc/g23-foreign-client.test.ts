/**
 * A client that was made from the original contract, and knows none of the fields that were added beside it. A
 * failure means that a node understands only its own gateways.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ProtoClient } from '../kit/clients/proto-client.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const originalContract = `
  syntax = "proto3";
  package storage;
  service StorageService {
    rpc PutChunk(stream PutChunkRequest) returns (PutChunkResponse);
    rpc GetChunk(GetChunkRequest) returns (stream GetChunkResponse);
    rpc DeleteChunk(DeleteChunkRequest) returns (DeleteChunkResponse);
    rpc HealthCheck(HealthCheckRequest) returns (HealthCheckResponse);
  }
  message PutChunkRequest { string chunk_id = 1; bytes data = 2; string checksum = 3; }
  message PutChunkResponse { string chunk_id = 1; bool success = 2; string error_message = 3; }
  message GetChunkRequest { string chunk_id = 1; }
  message GetChunkResponse { bytes data = 1; }
  message DeleteChunkRequest { string chunk_id = 1; }
  message DeleteChunkResponse { bool success = 1; string error_message = 2; }
  message HealthCheckRequest {}
  message HealthCheckResponse { string status = 1; int64 available_space = 2; int64 used_space = 3; int64 total_space = 4; }
`;

/** Where a program may put its chunk id and its checksum. */
const habits = {
  'all in every message': (chunk_id: string, pieces: Buffer[], checksum: string) =>
    pieces.map((data) => ({ chunk_id, data, checksum })),
  'the checksum in the first message alone': (chunk_id: string, pieces: Buffer[], checksum: string) =>
    pieces.map((data, index) => (index === 0 ? { chunk_id, data, checksum } : { data })),
  'the checksum in the last message alone, with data': (chunk_id: string, pieces: Buffer[], checksum: string) =>
    pieces.map((data, index) => ({ chunk_id, data, checksum: index === pieces.length - 1 ? checksum : '' })),
  'the checksum behind the data': (chunk_id: string, pieces: Buffer[], checksum: string) => [
    { chunk_id },
    ...pieces.map((data) => ({ data })),
    { checksum: checksum.toUpperCase() },
  ],
  'no checksum': (chunk_id: string, pieces: Buffer[]) => pieces.map((data) => ({ chunk_id, data })),
};

testCase('G23', 'a client that knows only the original fields is served', oneAndSix, async (ctx) => {
  await onOneAndOnSix(ctx, async ({ client: { address } }) => {
    using foreign = new ProtoClient(originalContract, 'storage.StorageService', address);
    const health = await foreign.unary('HealthCheck', {});
    assert.equal(health['status'], 'healthy');
    assert.ok(Number(health['available_space']) > 0 && Number(health['total_space']) > 0);

    for (const [index, [habit, messagesOf]] of Object.entries(habits).entries()) {
      const messageBytes = [64 * KiB, 100_001, MiB, 2 * MiB, 3 * MiB][index] ?? MiB;
      const chunk = new SeededChunk(ctx, `foreign-${index}`, 3 * MiB + 12_345);
      const sent = messagesOf(chunk.chunkId, [...chunk.data(messageBytes)], chunk.sha256());
      const put = await foreign.sendAll('PutChunk', sent);
      assert.deepEqual(put, { chunk_id: chunk.chunkId, success: true, error_message: '' }, habit);

      const hash = createHash('sha256');
      for await (const { data } of foreign.receive('GetChunk', { chunk_id: chunk.chunkId }))
        hash.update(data as Buffer);
      assert.equal(hash.digest('hex'), chunk.sha256(), habit);

      const deleted = await foreign.unary('DeleteChunk', { chunk_id: chunk.chunkId });
      assert.deepEqual(deleted, { success: true, error_message: '' });
    }
  });
});
