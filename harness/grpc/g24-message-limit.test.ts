/**
 * Receives with a limit just above 1 MiB a message: clients have 4 MiB unless somebody raised it. A failure means
 * that ordinary clients cannot read from a node.
 */
import assert from 'node:assert/strict';
import { ProtoClient } from '../kit/clients/proto-client.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { KiB, MiB, SeededChunk } from './seeded-chunk.ts';

const contract = `
  syntax = "proto3";
  package storage;
  service StorageService { rpc GetChunk(GetChunkRequest) returns (stream GetChunkResponse); }
  message GetChunkRequest { string chunk_id = 1; int64 offset = 2; int32 message_bytes = 4; }
  message GetChunkResponse { bytes data = 1; }
`;
const limits = { 'grpc.max_receive_message_length': MiB + KiB };

testCase('G24', 'no message of a node holds more than 1 MiB, nor more than was asked for', oneAndSix, async (ctx) => {
  const chunk = new SeededChunk(ctx, 'limit', 3 * MiB + 5);
  await onOneAndOnSix(ctx, async ({ client }) => {
    await chunk.putTo(client, { messageBytes: 3 * MiB });
    using limited = new ProtoClient(contract, 'storage.StorageService', client.address, limits);
    for (const wantedBytes of [0, 64 * KiB, MiB]) {
      const request = { chunk_id: chunk.chunkId, message_bytes: wantedBytes };
      const pieces: Buffer[] = [];
      for await (const { data } of limited.receive('GetChunk', request)) pieces.push(data as Buffer);
      const largest = Math.max(...pieces.map(({ length }) => length));
      assert.ok(largest <= (wantedBytes || MiB), `a message held ${largest} bytes where ${wantedBytes} were asked for`);
      assert.equal((await chunk.compare(asStream(pieces))).message, 'whole');
    }
  });
});

async function* asStream(pieces: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
}
