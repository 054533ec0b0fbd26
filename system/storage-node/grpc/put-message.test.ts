import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { PutChunkRequest } from '../../../proto/gen/storage.ts';
import { PutMessage } from './put-message.ts';

/** Feeds `bytes` in pieces of the given sizes, over and over. Resolves with what was read of them. */
async function read(bytes: Buffer, sizes: readonly number[]) {
  const data: Buffer[] = [];
  const message = new PutMessage((part) => {
    data.push(part);
    return data.length % 2 === 0 ? Promise.resolve() : undefined;
  });
  message.begin();
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const piece = bytes.subarray(at, at + (sizes[n % sizes.length] as number));
    at += piece.length;
    await message.piece(piece);
  }
  const others = message.end();
  return { ...others, data: Buffer.concat(data) };
}

const pieceSizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
const request = fc.record({
  chunkId: fc.string({ maxLength: 200 }),
  data: fc.uint8Array({ maxLength: 400 }),
  checksum: fc.string({ maxLength: 64 }),
  totalSize: fc.option(fc.maxSafeInteger(), { nil: undefined }),
  totalSizeFollows: fc.option(fc.boolean(), { nil: undefined }),
  withCrc: fc.boolean(),
});

test('a message in pieces of any size is what the generated codec reads from the whole', async () => {
  await fc.assert(
    fc.asyncProperty(request, pieceSizes, async ({ withCrc, ...fields }, sizes) => {
      const message = { ...fields, dataCrc32c: withCrc ? crc32c(fields.data) : undefined };
      const bytes = Buffer.from(PutChunkRequest.encode(message).finish());
      const whole = PutChunkRequest.decode(bytes);
      assert.deepEqual(await read(bytes, sizes), { ...whole, data: Buffer.from(whole.data) });
    }),
    { numRuns: 500 },
  );
});

test('fields in any order, and fields that are not known, are read as the generated codec reads them', async () => {
  const data = Buffer.from([0x12, 3, 1, 2, 3]);
  const fields: Buffer[] = [
    data,
    Buffer.from([0x0a, 2, 0x61, 0x62]),
    Buffer.from([0x25, ...new Uint8Array(Uint32Array.of(crc32c(Buffer.from([1, 2, 3]))).buffer)]),
    Buffer.from([0x28, 0x83, 0x01]),
    Buffer.from([0xf8, 0x07, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), // 127: varint, -1
    Buffer.from([0x31, 1, 2, 3, 4, 5, 6, 7, 8]), // 6: fixed64
    Buffer.from([0x3a, 0]), // 7: empty bytes
  ];
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(fields, { minLength: 1 }), pieceSizes, async (chosen, sizes) => {
      if (chosen.includes(fields[2] as Buffer) && !chosen.includes(data)) return;
      const bytes = Buffer.concat(chosen);
      const whole = PutChunkRequest.decode(bytes);
      const { chunkId, checksum, dataCrc32c, totalSize, data: read_ } = await read(bytes, sizes);
      assert.deepEqual(
        { chunkId, checksum, dataCrc32c, totalSize, data: read_ },
        {
          chunkId: whole.chunkId,
          checksum: whole.checksum,
          dataCrc32c: whole.dataCrc32c,
          totalSize: whole.totalSize,
          data: Buffer.from(whole.data),
        },
      );
    }),
    { numRuns: 300 },
  );
});

test('any bytes are a message or INVALID_ARGUMENT, nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), pieceSizes, async (bytes, sizes) => {
      await read(Buffer.from(bytes), sizes).catch((error: { code?: string }) => {
        assert.ok(['InvalidRequest', 'CorruptedInTransit'].includes(error.code ?? ''), String(error));
      });
    }),
    { numRuns: 1000 },
  );
});

test('a wrong CRC, a message that is cut, and data that occurs twice are refused', async () => {
  const message = { chunkId: '', data: Buffer.from('abc'), checksum: 'x', totalSize: undefined };
  const encoded = (crc: number) => Buffer.from(PutChunkRequest.encode({ ...message, dataCrc32c: crc }).finish());
  await assert.rejects(read(encoded(1), [3]), { code: 'CorruptedInTransit' });
  const whole = encoded(crc32c(message.data));
  for (let bytes = 1; bytes < whole.length; bytes++) {
    if (bytes === 5 || bytes === 8) continue; // Between two fields a cut message is a message.
    await assert.rejects(read(whole.subarray(0, bytes), [2]), { code: 'InvalidRequest' }, `${bytes} bytes`);
  }
  await assert.rejects(read(Buffer.from([0x12, 1, 1, 0x12, 1, 2]), [1]), { code: 'InvalidRequest' });
});
