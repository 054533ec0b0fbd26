import { Client } from 'pg';

export interface FileRow {
  readonly file_id: string;
  readonly filename: string;
  readonly upload_status: 'pending' | 'uploading' | 'completed' | 'failed';
}

export interface ChunkRow {
  readonly chunk_id: string;
  readonly file_id: string;
  /** The primary. */
  readonly storage_server_id: string;
}

/** A chunk of a completed file, which the store owes. */
export interface PromisedChunk extends ChunkRow {
  /** The primary included; empty means the primary alone. */
  readonly replica_server_ids: readonly string[];
  /** Bytes, as PostgreSQL's driver gives large numbers. */
  readonly chunk_size: string;
  /** SHA-256 in lower-case hexadecimal. */
  readonly chunk_hash: string;
}

const statementTimeoutMs = 10_000;

/** The metadata as an operator reads it: the documented tables and columns, over a connection beside the gateway's. */
export class MetadataTables implements AsyncDisposable {
  readonly #client: Client;

  static async connect(databaseUrl: string): Promise<MetadataTables> {
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'sextant-harness',
      statement_timeout: statementTimeoutMs,
    });
    // A database that is stopped under an idle connection is what some cases are about.
    client.on('error', () => {});
    await client.connect();
    return new MetadataTables(client);
  }

  private constructor(client: Client) {
    this.#client = client;
  }

  files(): Promise<FileRow[]> {
    return this.#rows('SELECT file_id, filename, upload_status FROM files');
  }

  filesNamed(filenames: readonly string[]): Promise<FileRow[]> {
    return this.#rows('SELECT file_id, filename, upload_status FROM files WHERE filename = ANY ($1)', [filenames]);
  }

  chunks(): Promise<ChunkRow[]> {
    return this.#rows('SELECT chunk_id, file_id, storage_server_id FROM chunks');
  }

  promisedChunks(): Promise<PromisedChunk[]> {
    return this.#rows(
      `SELECT chunk_id, file_id, storage_server_id, replica_server_ids, chunk_size, chunk_hash
       FROM chunks JOIN files USING (file_id) WHERE upload_status = 'completed'`,
    );
  }

  /** How many rows of each table belong to the file. */
  async rowsOf(fileId: string): Promise<{ files: number; chunks: number; upload_sessions: number }> {
    const [counts] = await this.#rows<{ files: number; chunks: number; upload_sessions: number }>(
      `SELECT (SELECT count(*) FROM files WHERE file_id = $1)::int AS files,
              (SELECT count(*) FROM chunks WHERE file_id = $1)::int AS chunks,
              (SELECT count(*) FROM upload_sessions WHERE file_id = $1)::int AS upload_sessions`,
      [fileId],
    );
    return counts ?? { files: 0, chunks: 0, upload_sessions: 0 };
  }

  async activeSessions(): Promise<number> {
    const [row] = await this.#rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM upload_sessions WHERE status = 'active'`,
    );
    return row?.count ?? 0;
  }

  /** Replicas that nobody wants and that are not deleted yet. */
  async queuedDeletions(): Promise<number> {
    const [row] = await this.#rows<{ count: number }>('SELECT count(*)::int AS count FROM chunk_deletions');
    return row?.count ?? 0;
  }

  /** The gateways' connections, and how many of them do nothing and hold no transaction. */
  async gatewayConnections(): Promise<{ total: number; idle: number }> {
    const [row] = await this.#rows<{ total: number; idle: number }>(
      `SELECT count(*)::int AS total, (count(*) FILTER (WHERE state = 'idle'))::int AS idle
       FROM pg_stat_activity WHERE application_name = 'sextant-gateway'`,
    );
    return row ?? { total: 0, idle: 0 };
  }

  /** The major version of PostgreSQL. */
  async serverVersion(): Promise<number> {
    const [row] = await this.#rows<{ version: string }>(`SELECT current_setting('server_version_num') AS version`);
    return Math.floor(Number(row?.version) / 10_000);
  }

  /** As an administrator, or a failing network, does it. */
  async terminateGatewayConnections(): Promise<void> {
    await this.#rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sextant-gateway'`,
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.end();
  }

  async #rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.#client.query(text, [...values]);
    return rows;
  }
}
