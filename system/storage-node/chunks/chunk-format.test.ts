import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BLOCK_BYTES,
  blockCount,
  CHUNK_BYTES_MAX,
  chunkFileBytes,
  decodeFooter,
  encodeFooter,
  encodeHeader,
  footerBytes,
  verifyHeader,
} from './chunk-format.ts';
import { parseChunkId } from './chunk-id.ts';

const chunkId = fc.stringMatching(/^[A-Za-z0-9_-]{1,200}$/).map(parseChunkId);

test('a header is read back as it was written, and only for its own id', () => {
  fc.assert(
    fc.property(chunkId, fc.nat(), chunkId, (id, createdAtMs, otherId) => {
      const page = encodeHeader({ chunkId: id, createdAtMs });
      assert.equal(page.length, 4096);
      assert.equal(verifyHeader(page, id).createdAtMs, createdAtMs);
      if (otherId !== id) assert.throws(() => verifyHeader(page, otherId), { code: 'ChunkDamaged' });
    }),
  );
});

test('a footer is read back as it was written, for any number of blocks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 * BLOCK_BYTES }), fc.nat(), (sizeBytes, headerCrc) => {
      const blockCrcs = Uint32Array.from({ length: blockCount(sizeBytes) }, (_, index) => index * 7919);
      const footer = { sizeBytes, sha256: randomBytes(32), blockCrcs, headerCrc };
      const bytes = encodeFooter(footer);
      assert.equal(bytes.length, footerBytes(sizeBytes));
      assert.equal(bytes.length % 4096, 0);
      assert.deepEqual(decodeFooter(bytes, chunkFileBytes(sizeBytes)), footer);
    }),
    { numRuns: 50 },
  );
});

test('every single flipped bit of a header is noticed', () => {
  const id = parseChunkId('flip-me');
  const page = encodeHeader({ chunkId: id, createdAtMs: 1_700_000_000_000 });
  everyBit(page, () => assert.throws(() => verifyHeader(page, id), { code: 'ChunkDamaged' }));
});

test('every single flipped bit of a footer is noticed', () => {
  const sizeBytes = 3 * BLOCK_BYTES + 5;
  const blockCrcs = Uint32Array.from([1, 2, 3, 4]);
  const footer = encodeFooter({ sizeBytes, sha256: randomBytes(32), blockCrcs, headerCrc: 9 });
  everyBit(footer, () =>
    assert.throws(() => decodeFooter(footer, chunkFileBytes(sizeBytes)), { code: 'ChunkDamaged' }),
  );
});

test('a header of a later version is refused as unknown, not as damaged', async () => {
  const { crc32c } = await import('@node-rs/crc32');
  const id = parseChunkId('from-the-future');
  const page = encodeHeader({ chunkId: id, createdAtMs: 0 });
  page.writeUInt32LE(2, 8);
  page.writeUInt32LE(crc32c(page.subarray(0, -4)), page.length - 4);
  assert.throws(() => verifyHeader(page, id), { code: 'UnknownFormat' });
});

test('the largest chunk has a footer of 256 KiB', () => {
  assert.equal(footerBytes(CHUNK_BYTES_MAX), 256 * 1024);
});

function everyBit(bytes: Buffer, claim: () => void): void {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flip = () => {
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    };
    flip();
    claim();
    flip();
  }
}
