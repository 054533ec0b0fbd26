import { Client } from 'pg';

/**
 * The rows of an upload that is under way on a gateway which nobody can ask: only what it has written into the database
 * tells of it. Inserted with the documented columns alone.
 */
export class ForeignUpload implements AsyncDisposable {
  readonly #database: Client;
  readonly #fileId: string;

  static async reserve(
    databaseUrl: string,
    { chunkId, serverId }: { readonly chunkId: string; readonly serverId: string },
  ): Promise<ForeignUpload> {
    const database = new Client({ connectionString: databaseUrl, application_name: 'sextant-harness' });
    database.on('error', () => {});
    await database.connect();
    const { rows } = await database.query(
      `WITH file AS (
         INSERT INTO files (filename, total_size, upload_status) VALUES ('foreign', 30000, 'uploading')
         RETURNING file_id
       ), session AS (
         INSERT INTO upload_sessions (file_id, expires_at) SELECT file_id, now() + interval '1 hour' FROM file
       )
       INSERT INTO chunks (chunk_id, file_id, chunk_number, storage_server_id)
       SELECT $1::uuid, file_id, 0, $2 FROM file RETURNING file_id`,
      [chunkId, serverId],
    );
    return new ForeignUpload(database, rows[0].file_id);
  }

  private constructor(database: Client, fileId: string) {
    this.#database = database;
    this.#fileId = fileId;
  }

  /** As if its gateway had given no sign of life for long. */
  async expire(): Promise<void> {
    await this.#database.query(`UPDATE upload_sessions SET expires_at = now() - interval '1 hour' WHERE file_id = $1`, [
      this.#fileId,
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#database.end();
  }
}
