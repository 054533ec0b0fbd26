import type { ObjectContent, ObjectPart, ObjectVersions } from '../objects/object-ports.ts';
import { type BucketRow, bucket, bucketColumns } from './bucket-rows.ts';
import { type Database, idempotent } from './database.ts';
import { type FileJson, fileJson, fileOf } from './file-json.ts';
import { objectVersion, type VersionRow, versionColumns } from './version-rows.ts';

type ObjectLookup = Pick<ObjectVersions, 'lookup' | 'segments' | 'objectParts'>;

/** What a version is, and where its bytes are, as one statement sees it: all of it of one moment. */
export function objectLookup(database: Database): ObjectLookup {
  return {
    async lookup(bucketName, key, versionId, want) {
      const text = LOOKUPS[want][versionId === undefined ? 'newest' : versionId === 'null' ? 'null' : 'byId'];
      const values = [
        bucketName,
        Buffer.from(key),
        ...(versionId === undefined || versionId === 'null' ? [] : [versionId]),
      ];
      const [row] = await database.query<LookupRow>(`object_${want}`, text, values, idempotent);
      if (row === undefined) return { bucket: undefined, version: undefined, content: undefined };
      const version = row.version_uid === null ? undefined : objectVersion(key, row);
      const hasContent = want === 'content' && version?.isDeleteMarker === false;
      return { bucket: bucket(row), version, content: hasContent ? contentOf(row) : undefined };
    },

    async segments(versionUid, start, end, limit) {
      const values = [versionUid, start, end, limit];
      const rows = await database.query<PartRow & { file: FileJson }>('segments', SEGMENTS, values, idempotent);
      return rows.map((row) => ({ ...objectPart(row), file: fileOf(row.file) }));
    },

    async objectParts(versionUid, afterPart, limit) {
      const values = [versionUid, afterPart, limit];
      return (await database.query<PartRow>('object_parts', PARTS, values, idempotent)).map(objectPart);
    },
  };
}

type LookupRow = BucketRow & (VersionRow | { readonly version_uid: null }) & ContentColumns;

interface ContentColumns {
  readonly inline_data?: Buffer | null;
  readonly file?: FileJson | null;
}

function contentOf({ inline_data, file }: ContentColumns): ObjectContent {
  if (inline_data != null) return { kind: 'inline', data: inline_data };
  return file == null ? { kind: 'parts' } : { kind: 'file', file: fileOf(file) };
}

interface PartRow {
  readonly part_number: number;
  readonly offset_bytes: number;
  readonly size_bytes: number;
  readonly etag: string;
  readonly checksum_value: string | null;
}

function objectPart(row: PartRow): ObjectPart {
  return {
    partNumber: row.part_number,
    offsetBytes: row.offset_bytes,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    checksum: row.checksum_value ?? undefined,
  };
}

const OF_KEY = 'v.bucket_id = b.bucket_id AND v.object_key = $2';
const VERSIONS = {
  newest: `${OF_KEY} ORDER BY v.version_uid DESC`,
  null: `v.version_uid = null_version_uid(b.bucket_id, $2)`,
  byId: `v.version_uid = version_uid_of($3) AND v.version_id = $3 AND ${OF_KEY}`,
};

// A version with one part is one file, whoever made it; the second part is only asked for to know that there is one.
const CONTENT = {
  columns: `, v.inline_data, ${fileJson} AS file`,
  join: `
    LEFT JOIN LATERAL (
      SELECT array_agg(file_id) AS file_ids
      FROM (SELECT p.file_id FROM object_parts p WHERE p.version_uid = v.version_uid LIMIT 2) AS few
      WHERE v.inline_data IS NULL) AS part ON true
    LEFT JOIN files f ON cardinality(part.file_ids) = 1 AND f.file_id = part.file_ids[1]`,
};

function lookup(condition: string, content = { columns: '', join: '' }): string {
  return `
    SELECT ${bucketColumns}, ${versionColumns}${content.columns}
    FROM buckets b
    JOIN accounts a ON a.account_id = b.owner_id
    LEFT JOIN LATERAL (SELECT * FROM object_versions v WHERE ${condition} LIMIT 1) AS v ON true
    LEFT JOIN accounts w ON w.account_id = v.owner_id
    ${content.join}
    WHERE b.bucket_name = $1`;
}

const LOOKUPS = {
  head: { newest: lookup(VERSIONS.newest), null: lookup(VERSIONS.null), byId: lookup(VERSIONS.byId) },
  content: {
    newest: lookup(VERSIONS.newest, CONTENT),
    null: lookup(VERSIONS.null, CONTENT),
    byId: lookup(VERSIONS.byId, CONTENT),
  },
};

const PART_COLUMNS = 'p.part_number, p.offset_bytes, p.size_bytes, p.etag, p.checksum_value';

// The page first: a file's chunks are put together for what is on it alone.
const SEGMENTS = `
  WITH page AS MATERIALIZED (
    SELECT p.* FROM object_parts p
    WHERE p.version_uid = $1 AND p.offset_bytes < $3 AND p.offset_bytes + p.size_bytes > $2
    ORDER BY p.part_number LIMIT $4
  )
  SELECT ${PART_COLUMNS}, ${fileJson} AS file
  FROM page p JOIN files f ON f.file_id = p.file_id ORDER BY p.part_number`;

const PARTS = `
  SELECT ${PART_COLUMNS} FROM object_parts p
  WHERE p.version_uid = $1 AND p.part_number > $2 ORDER BY p.part_number LIMIT $3`;
