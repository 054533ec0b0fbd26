import type { FileSummary, UploadStatus } from '../objects/ports.ts';

export interface FileRow {
  readonly file_id: string;
  readonly filename: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly checksum: string | null;
  readonly upload_status: UploadStatus;
  readonly created_at: Date;
}

/** SQL for the columns of FileRow, from a row of `files` called `f`. An unfinished file counts what has been received. */
export const fileColumns = `
  f.file_id, f.filename, f.content_type, f.checksum, f.upload_status, f.created_at,
  CASE WHEN f.upload_status = 'completed' THEN coalesce(f.total_size, 0) ELSE coalesce(
    (SELECT max(s.received_bytes) FROM upload_sessions s WHERE s.file_id = f.file_id), 0) END AS size_bytes`;

export function fileSummary(row: FileRow): FileSummary {
  return {
    fileId: row.file_id,
    filename: row.filename,
    contentType: row.content_type,
    sizeBytes: row.size_bytes,
    sha256: row.checksum,
    uploadStatus: row.upload_status,
    createdAt: row.created_at,
  };
}
