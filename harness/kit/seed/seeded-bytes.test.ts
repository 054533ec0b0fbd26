import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { expectedRange, seededBytes, seededSha256 } from './seeded-bytes.ts';
import { verifySeeded } from './verify-seeded.ts';

const sizes = fc.integer({ min: 0, max: 5_000 });
const pieces = fc.integer({ min: 1, max: 700 });

describe('seeded content', () => {
  test('is the same however it is cut', () => {
    fc.assert(
      fc.property(fc.string(), sizes, pieces, (seed, sizeBytes, pieceBytes) => {
        const cut = Buffer.concat([...seededBytes(seed, sizeBytes, { pieceBytes })]);
        assert.deepEqual(cut, expectedRange(seed, 0, sizeBytes));
      }),
    );
  });

  test('can be computed from any offset', () => {
    const whole = expectedRange('a', 0, 10_000);
    fc.assert(
      fc.property(sizes, sizes, (offset, lengthBytes) => {
        assert.deepEqual(expectedRange('a', offset, lengthBytes), whole.subarray(offset, offset + lengthBytes));
      }),
    );
  });

  test('is right beyond four gigabytes', () => {
    const far = 10 * 1024 ** 3 - 40;
    assert.deepEqual(expectedRange(1, far, 40).subarray(7), expectedRange(1, far + 7, 33));
    assert.notDeepEqual(expectedRange(1, far, 40), expectedRange(1, far % 2 ** 32, 40));
  });

  test('differs between seeds, and between the blocks of one seed', () => {
    const blockBytes = 4096;
    const blocks = [...seededBytes(1, 200 * blockBytes, { pieceBytes: blockBytes })];
    assert.equal(new Set(blocks.map((block) => block.toString('base64'))).size, blocks.length);
    assert.notDeepEqual(expectedRange(1, 0, 64), expectedRange(2, 0, 64));
  });

  test('has the SHA-256 that a reader computes', () => {
    const read = createHash('sha256')
      .update(expectedRange('b', 0, 3_000_000))
      .digest('hex');
    assert.equal(seededSha256('b', 3_000_000), read);
  });
});

describe('verifying seeded content', () => {
  test('accepts the whole content in any pieces', async () => {
    const verdict = await verifySeeded(seededBytes(3, 100_000, { pieceBytes: 777 }), 3, 100_000);
    assert.deepEqual(verdict, { isWhole: true, sizeBytes: 100_000, firstWrongOffset: null, message: 'whole' });
  });

  test('names the first wrong byte, wherever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 999 }), pieces, async (wrongAt, pieceBytes) => {
        const content = expectedRange(3, 0, 1_000);
        content[wrongAt] = (content[wrongAt] ?? 0) ^ 1;
        const cut = [];
        for (let at = 0; at < 1_000; at += pieceBytes) cut.push(content.subarray(at, at + pieceBytes));
        const verdict = await verifySeeded(cut, 3, 1_000);
        assert.equal(verdict.isWhole, false);
        assert.equal(verdict.firstWrongOffset, wrongAt);
      }),
    );
  });

  test('finds two blocks that changed places', async () => {
    const [first, second] = [...seededBytes(3, 2_000, { pieceBytes: 1_000 })] as [Buffer, Buffer];
    assert.equal((await verifySeeded([second, first], 3, 2_000)).isWhole, false);
  });

  test('tells content that is too short from content that is too long', async () => {
    const short = await verifySeeded(seededBytes(3, 99), 3, 100);
    assert.deepEqual([short.isWhole, short.message], [false, 'only 99 of 100 bytes arrived']);
    const long = await verifySeeded(seededBytes(3, 101), 3, 100);
    assert.deepEqual([long.isWhole, long.message], [false, 'more than the expected 100 bytes arrived']);
  });

  test('checks a range against its place in the content', async () => {
    const verdict = await verifySeeded([expectedRange(3, 500, 100)], 3, 100, { fromOffset: 500 });
    assert.equal(verdict.isWhole, true);
  });
});
