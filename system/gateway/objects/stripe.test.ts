import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GiB, MiB } from '../../common/bytes.ts';
import { CHUNKS_PER_FILE } from './ports.ts';
import { bytesInChunk, piecesOf, UNIT_BYTES_MAX, unitBytesFor } from './stripe.ts';

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 64 * MiB }),
  fc.integer({ min: 0, max: 10 * GiB }),
);
const chunkNumbers = Array.from({ length: CHUNKS_PER_FILE }, (_, number) => number);

test('the six chunks of a file add up to it, for any size and unit', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: UNIT_BYTES_MAX }), (size, unit) => {
      const sum = chunkNumbers.reduce((total, chunk) => total + bytesInChunk(size, unit, chunk), 0);
      assert.equal(sum, size);
    }),
  );
});

test('with the unit for its size, a file is cut equally to within one byte a unit, and its units are at most 1 MiB', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const unit = unitBytesFor(size);
      const chunks = chunkNumbers.map((chunk) => bytesInChunk(size, unit, chunk));
      const stripes = Math.max(1, Math.ceil(size / (6 * MiB)));
      assert.ok(unit <= UNIT_BYTES_MAX, `the unit is ${unit}`);
      assert.ok(Math.max(...chunks) - Math.min(...chunks) <= 6 * stripes, `chunks of ${chunks} bytes`);
    }),
  );
});

test('the pieces of a range name the chunk and the offset where a unit-by-unit cut puts every byte', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      fc.nat(),
      (size, unit, a, b) => {
        const start = Math.min(a % (size + 1), b % (size + 1));
        const end = Math.max(a % (size + 1), b % (size + 1));
        const chunks: number[][] = chunkNumbers.map(() => []);
        for (let at = 0; at < size; at++) chunks[Math.floor(at / unit) % CHUNKS_PER_FILE]?.push(at);
        const next = chunkNumbers.map((chunk) => bytesInChunk(start, unit, chunk));
        const read: number[] = [];
        for (const piece of piecesOf(start, end, unit)) {
          const from = next[piece.chunkNumber] ?? 0;
          read.push(...(chunks[piece.chunkNumber]?.slice(from, from + piece.bytes) ?? []));
          next[piece.chunkNumber] = from + piece.bytes;
        }
        assert.deepEqual(
          read,
          Array.from({ length: end - start }, (_, index) => start + index),
        );
      },
    ),
  );
});
