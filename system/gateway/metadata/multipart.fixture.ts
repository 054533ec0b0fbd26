import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { KeyTarget, ObjectPut, UploadedPart } from '../objects/object-ports.ts';
import type { Commit } from '../objects/ports.ts';
import { commitOf, reservationOf, testMetadata } from './test-database.ts';

const PART_BYTES = 600; // What commitOf says of every file.

/** For tests: uploads in parts, in buckets of `ada`, in a database of their own. */
export async function testUploads() {
  const { database, metadata } = await testMetadata();
  const ada = { accountId: 'ada', displayName: 'Ada', email: null };
  await metadata.putAccounts([
    { ...ada, keys: [] },
    { ...ada, accountId: 'bob', keys: [] },
  ]);

  async function newBucket() {
    const { bucket } = await metadata.createBucket(randomBytes(8).toString('hex'), 'ada', 'us-east-1');
    return bucket;
  }

  async function newUpload(target: KeyTarget): Promise<string> {
    const uploadId = randomUUID();
    const created = await metadata.createUpload(target, { uploadId, ...uploadShape });
    assert.ok('initiatedAt' in created);
    return uploadId;
  }

  /** A file that is stored on its nodes and not committed yet, and the part that it is going to be. */
  async function writtenPart(partNumber: number): Promise<{ part: NewPart; commit: Commit }> {
    const reservation = reservationOf({ isObject: true, filename: '' });
    await metadata.reserve(reservation);
    const { fileId } = reservation;
    const part = {
      partNumber,
      fileId,
      sizeBytes: PART_BYTES,
      etag: randomBytes(16).toString('hex'),
      checksum: undefined,
    };
    return { part, commit: { ...commitOf(reservation), sha256: null } };
  }

  /** Stores a new part and gives it. */
  async function storePart(uploadId: string, partNumber: number): Promise<NewPart> {
    const { part, commit } = await writtenPart(partNumber);
    const stored = await metadata.putPart(uploadId, part, commit);
    assert.ok(stored !== undefined && 'lastModified' in stored, `part ${partNumber} was not stored`);
    return part;
  }

  /** Every file of an object is counted once for each row that refers to it, and there is none that nothing refers to. */
  async function assertNothingLostOrLeaked(): Promise<void> {
    const wrong = await database.sql(
      `SELECT f.file_id, f.reference_count, count(r.file_id) AS refers
       FROM files f LEFT JOIN (SELECT file_id FROM object_parts UNION ALL SELECT file_id FROM upload_parts) r USING (file_id)
       WHERE f.reference_count IS NOT NULL AND f.upload_status = 'completed'
       GROUP BY f.file_id HAVING count(r.file_id) <> f.reference_count OR f.reference_count = 0`,
    );
    assert.deepEqual(wrong, []);
  }

  async function isStored({ fileId }: { fileId: string }): Promise<boolean> {
    return (await database.sql('SELECT FROM files WHERE file_id = $1', [fileId])).length === 1;
  }

  return { database, metadata, newBucket, newUpload, writtenPart, storePart, assertNothingLostOrLeaked, isStored };
}

export type NewPart = Omit<UploadedPart, 'lastModified'>;

export const uploadShape = {
  attributes: { contentType: 'image/jpeg', userMetadata: { colour: 'blue' }, storageClass: 'STANDARD' },
  checksumAlgorithm: undefined,
  checksumType: undefined,
};

export function putOf(target: KeyTarget, parts: readonly unknown[], overrides: Partial<ObjectPut> = {}): ObjectPut {
  return {
    ...target,
    attributes: uploadShape.attributes,
    sizeBytes: PART_BYTES * parts.length,
    etag: `${randomBytes(16).toString('hex')}-${parts.length}`,
    checksum: undefined,
    conditions: {},
    nonce: randomBytes(8).toString('hex'),
    ...overrides,
  };
}
