import type { ChecksumAlgorithm, ChecksumType } from '../objects/checksums/checksum-algorithms.ts';
import type { ObjectAttributes, ObjectChecksum, ObjectVersion } from '../objects/object-ports.ts';

export interface VersionRow {
  readonly version_uid: string;
  readonly version_id: string;
  readonly is_latest: boolean;
  readonly is_delete_marker: boolean;
  readonly last_modified: Date;
  readonly size_bytes: number;
  readonly etag: string;
  readonly checksum_algorithm: ChecksumAlgorithm | null;
  readonly checksum_type: ChecksumType | null;
  readonly checksum_value: string | null;
  readonly parts_count: number | null;
  readonly attributes: ObjectAttributes;
  readonly writer_id: string;
  readonly writer_name: string;
  readonly writer_email: string | null;
}

/** SQL for the columns of VersionRow, from a row of `object_versions` called `v` and its owner's of `accounts` called `w`. */
export const versionColumns = `
  v.version_uid::text, v.version_id, v.is_latest, v.is_delete_marker, v.last_modified, v.size_bytes, v.etag,
  v.checksum_algorithm, v.checksum_type, v.checksum_value, v.parts_count, v.attributes,
  w.account_id AS writer_id, w.display_name AS writer_name, w.email AS writer_email`;

export function objectVersion(key: string, row: VersionRow): ObjectVersion {
  return {
    versionUid: row.version_uid,
    key,
    versionId: row.version_id,
    isLatest: row.is_latest,
    isDeleteMarker: row.is_delete_marker,
    lastModified: row.last_modified,
    owner: { accountId: row.writer_id, displayName: row.writer_name, email: row.writer_email },
    sizeBytes: row.size_bytes,
    etag: row.etag,
    attributes: row.attributes,
    checksum: objectChecksum(row),
    partsCount: row.parts_count ?? undefined,
  };
}

function objectChecksum(row: VersionRow): ObjectChecksum | undefined {
  const { checksum_algorithm: algorithm, checksum_type: type, checksum_value: value } = row;
  return algorithm === null || type === null || value === null ? undefined : { algorithm, type, value };
}
