/**
 * The metadata of a file must say where its bytes lie. The checksums of the chunks are not believed: they are
 * computed anew from the bytes of the stripe units. A failure means that repair and operators are misled.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { FileMetadata } from '../kit/clients/rest-types.ts';
import { seededBytes } from '../kit/seed/seeded-bytes.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';

const fiftyMegabytes = 50_000_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

testCase('E7', 'metadata of a 50 MB file: sizes, checksum, and six equal chunks on six servers', {}, async (ctx) => {
  const rest = restOf(ctx);
  const file = { seed: ctx.seed, filename: 'fifty-megabytes.bin', sizeBytes: fiftyMegabytes };
  const stored = await storeFile(rest, file);

  const { status, body } = await rest.metadata(stored.file_id);

  assert.equal(status, 200);
  const { file_id, filename, content_type, size, checksum } = body;
  assert.deepEqual(
    { file_id, filename, content_type, size, checksum },
    {
      file_id: stored.file_id,
      filename: file.filename,
      content_type: 'application/octet-stream',
      size: file.sizeBytes,
      checksum: stored.checksum,
    },
  );
  assert.deepEqual([body.status, body.upload_status], ['completed', 'completed']);
  assert.ok(!Number.isNaN(Date.parse(body.created_at)));
  assertChunks(body, file);
  // Every one of the 6k units is rounded up by less than a byte, and the last chunk makes up for all of them.
  assertEvenWithin(body, 6 * Math.ceil(fiftyMegabytes / (6 * MiB)));
});

testCase('E7b', 'a file of undeclared length is cut evenly to within one stripe unit', {}, async (ctx) => {
  const rest = restOf(ctx);
  for (const sizeBytes of [5_000_000, 20_000_001]) {
    const file = { seed: ctx.seed, filename: 'undeclared.bin', sizeBytes };
    const stored = await storeFile(rest, file, { isDeclared: false });

    const { body } = await rest.metadata(stored.file_id);

    assertChunks(body, file);
    assertEvenWithin(body, sizeBytes <= 6 * MiB ? 6 : MiB);
  }
});

function assertChunks({ chunks }: FileMetadata, file: SeededFile): void {
  assert.deepEqual(
    chunks.map(({ chunk_number }) => chunk_number),
    [0, 1, 2, 3, 4, 5],
  );
  assert.equal(
    chunks.reduce((sum, { size }) => sum + size, 0),
    file.sizeBytes,
    'the sizes add up',
  );
  for (const { chunk_id, server_id, replicas } of chunks) {
    assert.match(chunk_id, uuid);
    assert.equal(replicas[0], server_id, 'the primary comes first');
    assert.equal(new Set(replicas).size, 2, 'two replicas on two servers');
  }
  assert.equal(new Set(chunks.map(({ chunk_id }) => chunk_id)).size, 6);
  assert.equal(new Set(chunks.map(({ server_id }) => server_id)).size, 6, 'the six go to six servers');
  const expected = chunkChecksums(file, unitBytesOf(file.sizeBytes, chunks));
  assert.deepEqual(
    chunks.map(({ checksum }) => checksum),
    expected,
    'each checksum is that of its stripe units',
  );
}

function assertEvenWithin({ chunks }: FileMetadata, bytes: number): void {
  const sizes = chunks.map(({ size }) => size);
  const spread = Math.max(...sizes) - Math.min(...sizes);
  assert.ok(spread <= bytes, `the sizes ${sizes} differ by ${spread} bytes, more than ${bytes}`);
}

/** Unit i lies in chunk i mod 6: the first chunk's size tells how large a unit is. */
function unitBytesOf(sizeBytes: number, chunks: FileMetadata['chunks']): number {
  const stripes = Math.ceil(sizeBytes / (6 * MiB));
  const even = Math.ceil(sizeBytes / (6 * stripes));
  return chunks[0]?.size === even * stripes ? even : MiB;
}

function chunkChecksums(file: SeededFile, unitBytes: number): string[] {
  const hashes = Array.from({ length: 6 }, () => createHash('sha256'));
  let unit = 0;
  for (const piece of seededBytes(file.seed, file.sizeBytes, { pieceBytes: unitBytes })) {
    hashes[unit % 6]?.update(piece);
    unit += 1;
  }
  return hashes.map((hash) => hash.digest('hex'));
}
