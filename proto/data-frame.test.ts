import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAME_HEADROOM_BYTES, frameData, getChunkData, putChunkData } from './data-frame.ts';
import { GetChunkResponse, PutChunkRequest } from './gen/storage.ts';

const CRC = fc.integer({ min: 0, max: 0xffff_ffff });

function framed(data: Uint8Array): Buffer {
  const buffer = Buffer.alloc(FRAME_HEADROOM_BYTES + data.length, 0xee);
  buffer.set(data, FRAME_HEADROOM_BYTES);
  return buffer;
}

test('the generated codec reads a framed block as the message it stands for', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40_000 }), CRC, (data, crc) => {
      const put = PutChunkRequest.decode(frameData(putChunkData, framed(data), data.length, crc));
      const expected = { ...PutChunkRequest.decode(Buffer.alloc(0)), data: Buffer.from(data), dataCrc32c: crc };
      assert.deepEqual({ ...put, data: Buffer.from(put.data) }, expected);
      const get = GetChunkResponse.decode(frameData(getChunkData, framed(data), data.length, crc));
      assert.deepEqual({ ...get, data: Buffer.from(get.data) }, { data: Buffer.from(data), dataCrc32c: crc });
    }),
    { numRuns: 200 },
  );
});

test('the length is right on both sides of each step of the varint', () => {
  for (const dataBytes of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const message = frameData(putChunkData, framed(new Uint8Array(dataBytes)), dataBytes, 1);
    assert.equal(PutChunkRequest.decode(message).data.length, dataBytes);
  }
});

test('a buffer that is sent in pieces, first to last, loses no byte of a later piece', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 300 }), (data, pieceBytes) => {
      const buffer = framed(data);
      const seen: Uint8Array[] = [];
      for (let at = 0; at < data.length; at += pieceBytes) {
        const bytes = Math.min(pieceBytes, data.length - at);
        seen.push(Buffer.from(GetChunkResponse.decode(frameData(getChunkData, buffer.subarray(at), bytes, 7)).data));
      }
      assert.deepEqual(Buffer.concat(seen), Buffer.from(data));
    }),
  );
});
