import { assert } from '../../common/assert.ts';
import type {
  MultipartUpload,
  MultipartUploads,
  Refusal,
  StoredVersion,
  UploadedPart,
} from '../objects/object-ports.ts';
import { type BucketRow, bucket, bucketColumns } from './bucket-rows.ts';
import { type Database, idempotent, notIdempotent, stubborn } from './database.ts';
import { chunksWritten, serverRemoved } from './uploads.ts';
import { putValues } from './write-values.ts';

/** Uploads in parts. What changes them is one function in SQL each: migrations/0006_multipart.sql. */
export function multipart(database: Database): MultipartUploads {
  return {
    async createUpload(target, { uploadId, attributes, checksumAlgorithm, checksumType }) {
      const said = [uploadId, JSON.stringify(attributes), checksumAlgorithm ?? null, checksumType ?? null];
      const values = [target.bucketName, Buffer.from(target.key), target.accountId, ...said];
      const [row] = await database.query<CreatedRow>('create_upload', CREATE, values, idempotent);
      assert(row !== undefined, 'creating an upload gave no row, expected its outcome');
      return row.refused === null ? { initiatedAt: row.initiated_at } : { refused: row.refused };
    },

    async upload(bucketName, key, uploadId) {
      const values = [bucketName, Buffer.from(key), uploadId];
      const [row] = await database.query<BucketRow & UploadRow>('upload', UPLOAD, values, idempotent);
      if (row === undefined) return { bucket: undefined, upload: undefined, completed: undefined };
      const isActive = row.upload_id !== null && row.completed === null;
      return {
        bucket: bucket(row),
        upload: isActive ? multipartUpload(key, row) : undefined,
        completed: row.completed === null ? undefined : storedVersion(row.completed),
      };
    },

    async putPart(uploadId, part, commit) {
      const { partNumber, fileId, sizeBytes, etag, checksum } = part;
      const said = [etag, checksum?.algorithm ?? null, checksum?.value ?? null];
      const written = [commit.sessionId, commit.unitBytes, chunksWritten(commit)];
      const values = [uploadId, partNumber, fileId, sizeBytes, ...said, ...written];
      const [row] = await database.query<PutPartRow>('put_part', PUT_PART, values, stubborn);
      assert(row !== undefined, 'storing a part gave no row, expected its outcome');
      if (row.refused === null) return { lastModified: row.last_modified, freedSpace: row.freed_space };
      if (row.refused === 'session-over') return undefined;
      if (row.refused === 'server-removed') throw serverRemoved();
      return { refused: row.refused };
    },

    async sharePart(uploadId, partNumber, sourceVersionUid, { start, end }) {
      const values = [uploadId, partNumber, sourceVersionUid, start, end - start];
      const [row] = await database.query<SharedRow>('share_part', SHARE_PART, values, notIdempotent);
      assert(row !== undefined, 'sharing a part gave no row, expected its outcome');
      if (row.refused !== null) return { refused: row.refused };
      return row.file_id === null ? undefined : { part: uploadedPart(row), freedSpace: row.freed_space };
    },

    async uploadParts(uploadId, afterPart, limit) {
      const rows = await database.query<PartRow>('upload_parts', PARTS, [uploadId, afterPart, limit], idempotent);
      return rows.map(uploadedPart);
    },

    async completeUpload(put, uploadId, parts) {
      const numbers = parts.map((part) => part.partNumber);
      const fileIds = parts.map((part) => part.fileId);
      const values = [...putValues(put), uploadId, numbers, fileIds];
      const [row] = await database.query<CompletedRow>('complete_upload', COMPLETE, values, stubborn);
      assert(row !== undefined, 'completing an upload gave no row, expected its outcome');
      if (row.refused !== null) return { refused: row.refused };
      return { version: storedVersion(row.made), freedSpace: row.freed_space };
    },

    async abortUpload(bucketName, key, uploadId) {
      const values = [bucketName, Buffer.from(key), uploadId, PARTS_RELEASED_AT_ONCE];
      const [row] = await database.query<{ was_there: boolean }>('abort_upload', ABORT, values, notIdempotent);
      return row?.was_there ?? false;
    },
  };
}

/** Of an upload that is aborted; cleanup releases the others. With this many, it takes a fraction of a second. */
const PARTS_RELEASED_AT_ONCE = 1_000;

type CreatedRow =
  | { readonly refused: null; readonly initiated_at: Date }
  | { readonly refused: Refusal; readonly initiated_at: null };

const CREATE = 'SELECT * FROM create_upload($1, $2, $3, $4, $5, $6, $7)';

interface UploadRow {
  /** Null when there is no such upload. */
  readonly upload_id: string | null;
  readonly initiated_at: Date;
  readonly attributes: MultipartUpload['attributes'];
  readonly checksum_algorithm: NonNullable<MultipartUpload['checksumAlgorithm']> | null;
  readonly checksum_type: NonNullable<MultipartUpload['checksumType']> | null;
  readonly completed: VersionJson | null;
  readonly initiator_id: string;
  readonly initiator_name: string;
  readonly initiator_email: string | null;
}

const UPLOAD = `
  SELECT ${bucketColumns}, u.upload_id, u.initiated_at, u.attributes, u.checksum_algorithm, u.checksum_type, u.completed,
    w.account_id AS initiator_id, w.display_name AS initiator_name, w.email AS initiator_email
  FROM buckets b JOIN accounts a ON a.account_id = b.owner_id
  LEFT JOIN multipart_uploads u ON u.upload_id = $3 AND u.bucket_id = b.bucket_id AND u.object_key = $2
  LEFT JOIN accounts w ON w.account_id = u.owner_id
  WHERE b.bucket_name = $1`;

function multipartUpload(key: string, row: UploadRow): MultipartUpload {
  return {
    uploadId: row.upload_id ?? '',
    key,
    initiatedAt: row.initiated_at,
    owner: { accountId: row.initiator_id, displayName: row.initiator_name, email: row.initiator_email },
    attributes: row.attributes,
    checksumAlgorithm: row.checksum_algorithm ?? undefined,
    checksumType: row.checksum_type ?? undefined,
  };
}

/** A StoredVersion, as `completed` keeps it. */
type VersionJson = Omit<StoredVersion, 'lastModified' | 'checksum'> & {
  readonly lastModified: string;
  readonly checksum: StoredVersion['checksum'] | null;
};

function storedVersion(json: VersionJson): StoredVersion {
  return { ...json, lastModified: new Date(json.lastModified), checksum: json.checksum ?? undefined };
}

type PutPartRow =
  | { readonly refused: null; readonly last_modified: Date; readonly freed_space: boolean }
  | { readonly refused: Refusal | 'session-over' | 'server-removed' };

const PUT_PART = 'SELECT * FROM put_part($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';

interface PartRow {
  readonly part_number: number;
  readonly file_id: string;
  readonly size_bytes: number;
  readonly etag: string;
  readonly checksum_algorithm: NonNullable<UploadedPart['checksum']>['algorithm'] | null;
  readonly checksum_value: string | null;
  readonly last_modified: Date;
}

type SharedRow =
  | ({ readonly refused: null; readonly freed_space: boolean } & PartRow)
  | { readonly refused: null; readonly file_id: null }
  | { readonly refused: Refusal };

const SHARE_PART = `
  SELECT s.refused, s.freed_space, (s.part).* FROM share_part($1, $2, $3, $4, $5) AS s`;

const PARTS = `
  SELECT part_number, file_id, size_bytes, etag, checksum_algorithm, checksum_value, last_modified
  FROM upload_parts WHERE upload_id = $1 AND part_number > $2 ORDER BY part_number LIMIT $3`;

function uploadedPart(row: PartRow): UploadedPart {
  const { checksum_algorithm: algorithm, checksum_value: value } = row;
  return {
    partNumber: row.part_number,
    fileId: row.file_id,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    checksum: algorithm === null || value === null ? undefined : { algorithm, value },
    lastModified: row.last_modified,
  };
}

type CompletedRow =
  | { readonly refused: null; readonly made: VersionJson; readonly freed_space: boolean }
  | { readonly refused: Refusal | 'parts-changed' };

const COMPLETE = 'SELECT * FROM complete_upload($1, $2, $3, $4, $5, $6, $7, $8, $9)';
const ABORT = 'SELECT abort_upload($1, $2, $3, $4) AS was_there';
