import type { FileRecord, Metadata, WrittenChunk } from '../objects/ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent, notIdempotent } from './database.ts';
import { type FileRow, fileColumns, fileSummary } from './file-rows.ts';
import { type ReplicaRow, replicasOf } from './replica-rows.ts';

type Files = Pick<Metadata, 'file' | 'listFiles' | 'deleteFile'>;

/** Files that were stored for their own sake. Those that are content of objects are not to be seen here. */
export function files(database: Database): Files {
  return {
    async file(fileId) {
      const rows = await database.query<FileWithChunkRow>('file', FILE, [fileId], idempotent);
      return rows[0] === undefined ? undefined : fileRecord(rows[0], rows);
    },

    async listFiles(page, perPage, status = 'completed') {
      const values = [(page - 1) * perPage, perPage, ...(status === 'completed' ? [] : [status])];
      const rows = await database.query<PageRow>(
        'list_files',
        status === 'completed' ? LIST_COMPLETED : LIST_UNFINISHED,
        values,
        idempotent,
      );
      const listed = rows.filter((row) => row.file_id !== null) as FileRow[];
      return { files: listed.map(fileSummary), total: rows[0]?.total ?? 0 };
    },

    async deleteFile(fileId) {
      const rows = await database.query<Partial<ReplicaRow>>('delete_file', DELETE, [fileId], notIdempotent);
      if (rows.length === 0) return undefined;
      // A file without chunks answers with one row of nulls.
      return replicasOf(rows.filter((row): row is ReplicaRow => row.chunk_id !== null));
    },
  };
}

type FileWithChunkRow = FileRow & {
  readonly unit_bytes: number | null;
  readonly chunk_id: string | null;
  readonly chunk_number: number;
  readonly chunk_size: number | null;
  readonly chunk_hash: string | null;
  readonly servers: string[];
};

const FILE = `
  SELECT ${fileColumns}, f.unit_bytes, c.chunk_id, c.chunk_number, c.chunk_size, c.chunk_hash, ${allReplicas('c')} AS servers
  FROM files f LEFT JOIN chunks c USING (file_id)
  WHERE f.file_id = $1 AND f.reference_count IS NULL
  ORDER BY c.chunk_number`;

/** What a file of unknown size is cut in; a row that another program inserted may not say. */
const UNIT_BYTES_UNLESS_SAID = 1024 * 1024;

function fileRecord(file: FileWithChunkRow, rows: readonly FileWithChunkRow[]): FileRecord {
  const chunks = rows.flatMap((row): WrittenChunk[] =>
    row.chunk_id === null
      ? []
      : [
          {
            chunkId: row.chunk_id,
            chunkNumber: row.chunk_number,
            sizeBytes: row.chunk_size ?? 0,
            sha256: row.chunk_hash ?? '',
            serverIds: row.servers,
          },
        ],
  );
  return { ...fileSummary(file), unitBytes: file.unit_bytes ?? UNIT_BYTES_UNLESS_SAID, chunks };
}

type PageRow = { readonly total: number } & (FileRow | { readonly file_id: null });

/**
 * The page's first row is found on the narrow index alone, counting from the nearer end; the rows are fetched from
 * there: by scalar subqueries, since a join with the one row would scan the index from its start. The condition is text and not a parameter, so that it matches the partial index.
 */
function listing(condition: string, total: string): string {
  return `
  WITH everything AS MATERIALIZED (
    SELECT total, $1::bigint <= total / 2 AS is_near_start FROM (${total}) AS counted
  ), first AS MATERIALIZED (
    (SELECT created_at, file_id FROM files
     WHERE ${condition} AND (SELECT is_near_start FROM everything)
     ORDER BY created_at, file_id OFFSET $1 LIMIT 1)
    UNION ALL
    (SELECT created_at, file_id FROM files
     WHERE ${condition} AND (SELECT NOT is_near_start AND $1 < total FROM everything)
     ORDER BY created_at DESC, file_id DESC OFFSET (SELECT greatest(total - 1 - $1, 0) FROM everything) LIMIT 1)
  ), page AS (
    SELECT ${fileColumns}
    FROM files f
    WHERE ${condition}
      AND (f.created_at, f.file_id) >= ((SELECT created_at FROM first), (SELECT file_id FROM first))
    ORDER BY f.created_at, f.file_id LIMIT $2
  )
  SELECT everything.total, page.* FROM everything LEFT JOIN page ON true ORDER BY page.created_at, page.file_id`;
}

const LIST_COMPLETED = listing(
  `upload_status = 'completed' AND reference_count IS NULL`,
  'SELECT sum(files)::bigint AS total FROM completed_files_count',
);
// Few at any time, so they can be counted.
const unfinished = `upload_status <> 'completed' AND upload_status = $3 AND reference_count IS NULL`;
const LIST_UNFINISHED = listing(unfinished, `SELECT count(*) AS total FROM files WHERE ${unfinished}`);

// The file's row goes first and decides: of two deletions at once, the second waits here and then finds none.
const DELETE = `
  WITH file AS (
    DELETE FROM files WHERE file_id = $1 AND upload_status = 'completed' AND reference_count IS NULL RETURNING file_id
  ), chunk AS (
    DELETE FROM chunks c USING file WHERE c.file_id = file.file_id
    RETURNING c.chunk_id, ${allReplicas('c')} AS servers
  ), replica AS (
    SELECT DISTINCT chunk_id, server_id FROM chunk, unnest(servers) AS server_id
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id) SELECT chunk_id, server_id FROM replica ON CONFLICT DO NOTHING
  )
  SELECT replica.chunk_id, replica.server_id FROM file LEFT JOIN replica ON true`;
