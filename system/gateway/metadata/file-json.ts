import type { FileRecord } from '../objects/ports.ts';
import { allReplicas } from './all-replicas.ts';

/** What fileJson gives: a FileRecord, but for what JSON has no type for. */
export type FileJson = Omit<FileRecord, 'createdAt'> & { readonly createdAt: string };

/** SQL for a completed file with its chunks as one value, from a row of `files` called `f`; null when there is none. */
export const fileJson = `
  CASE WHEN f.file_id IS NOT NULL THEN json_build_object(
    'fileId', f.file_id, 'filename', f.filename, 'contentType', f.content_type, 'sizeBytes', f.total_size,
    'sha256', f.checksum, 'uploadStatus', f.upload_status, 'createdAt', f.created_at, 'unitBytes', f.unit_bytes,
    'chunks', (SELECT json_agg(json_build_object(
        'chunkId', c.chunk_id, 'chunkNumber', c.chunk_number, 'sizeBytes', c.chunk_size, 'sha256', c.chunk_hash,
        'serverIds', ${allReplicas('c')}) ORDER BY c.chunk_number)
      FROM chunks c WHERE c.file_id = f.file_id)) END`;

export function fileOf(json: FileJson): FileRecord {
  return { ...json, createdAt: new Date(json.createdAt) };
}
