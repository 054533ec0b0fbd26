import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { KeyTarget, ObjectPut, UploadedPart } from '../objects/object-ports.ts';
import type { Commit } from '../objects/ports.ts';
import { commitOf, testMetadata } from './test-database.ts';
import { reserveObject } from './test-objects.ts';

const PART_BYTES = 600; // What commitOf says of every file.

/** For tests: uploads in parts, in a database of their own. */
export async function testUploads() {
  const { database, metadata } = await testMetadata();
  async function newUpload(target: KeyTarget): Promise<string> {
    const uploadId = randomUUID();
    const created = await metadata.createUpload(target, { uploadId, ...uploadShape });
    assert.ok('initiatedAt' in created);
    return uploadId;
  }

  /** A file that is stored on its nodes and not committed yet, and the part that it is going to be. */
  async function writtenPart(partNumber: number): Promise<{ part: NewPart; commit: Commit }> {
    const reservation = await reserveObject(metadata);
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

  /** Of each, whether its file is there. */
  async function areStored(parts: readonly { readonly fileId: string }[]): Promise<boolean[]> {
    const rows = await database.sql<{ is_stored: boolean }>(
      `SELECT f.file_id IS NOT NULL AS is_stored
       FROM unnest($1::uuid[]) WITH ORDINALITY AS p (file_id, n) LEFT JOIN files f USING (file_id) ORDER BY n`,
      [parts.map((part) => part.fileId)],
    );
    return rows.map((row) => row.is_stored);
  }

  return { database, metadata, newUpload, writtenPart, storePart, areStored };
}

export type NewPart = Omit<UploadedPart, 'lastModified'>;

export const uploadShape = {
  attributes: { contentType: 'image/jpeg', userMetadata: { colour: 'blue' }, storageClass: 'STANDARD' },
  checksumAlgorithm: undefined,
  checksumType: undefined,
};

export function completionOf(
  target: KeyTarget,
  parts: readonly unknown[],
  overrides: Partial<ObjectPut> = {},
): ObjectPut {
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
