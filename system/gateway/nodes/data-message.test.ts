import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { FRAME_HEADROOM_BYTES, frameData, getChunkData } from '../../../proto/data-frame.ts';
import { GetChunkResponse } from '../../../proto/gen/storage.ts';
import { readDataMessage } from './data-message.ts';

/** A message as our nodes write it. */
function ourForm(data: Buffer, crc = crc32c(data)): Buffer {
  const buffer = Buffer.concat([Buffer.alloc(FRAME_HEADROOM_BYTES), data]);
  return frameData(getChunkData, buffer, data.length, crc);
}

function inPieces(message: Buffer, cut: number) {
  const at = Math.min(cut, message.length);
  return {
    pieces: [message.subarray(0, at), message.subarray(at)].filter((piece) => piece.length > 0),
    bytes: message.length,
  };
}

const data = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes));

test('data comes back from the form of our nodes and from any other encoder, wherever the message is cut', () => {
  fc.assert(
    fc.property(data, fc.nat(400), fc.constantFrom('ours', 'generated', 'without crc'), (sent, cut, form) => {
      const dataCrc32c = form === 'without crc' ? undefined : crc32c(sent);
      const message =
        form === 'ours' ? ourForm(sent) : Buffer.from(GetChunkResponse.encode({ data: sent, dataCrc32c }).finish());
      const read = readDataMessage(inPieces(message, cut));
      assert.ok(Buffer.concat(read.pieces).equals(sent));
      assert.equal(read.isIntact, true);
    }),
  );
});

test('a bit that flips in the data of a message is noticed', () => {
  fc.assert(
    fc.property(data, fc.nat(), fc.nat(7), (sent, position, bit) => {
      const message = ourForm(sent);
      const at = message.length - 1 - (position % sent.length);
      message[at] = (message[at] ?? 0) ^ (1 << bit);
      assert.equal(readDataMessage(inPieces(message, 9)).isIntact, false);
    }),
  );
});
