import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What the REST interface answers, as far as a client can see it. */
export interface UploadedFile {
  readonly file_id: string;
  readonly filename: string;
  readonly size: number;
  readonly content_type: string;
  readonly checksum: string;
  readonly chunks: number;
  readonly status: string;
}

export interface FileMetadata {
  readonly file_id: string;
  readonly filename: string;
  readonly content_type: string;
  readonly size: number;
  readonly checksum: string | null;
  readonly status: string;
  readonly upload_status: string;
  readonly created_at: string;
  readonly chunks: readonly ChunkMetadata[];
}

export interface ChunkMetadata {
  readonly chunk_number: number;
  readonly chunk_id: string;
  readonly size: number;
  readonly checksum: string;
  /** The node that holds the primary replica. */
  readonly server_id: string;
  /** All nodes that hold one. */
  readonly replicas: readonly string[];
}

export interface FilePage {
  readonly files: readonly Omit<FileMetadata, 'chunks'>[];
  readonly total: number;
  readonly page: number;
  readonly per_page: number;
}

export interface DeletedFile {
  readonly message: string;
  readonly file_id: string;
}

export interface Health {
  readonly status: string;
  readonly storage_servers: number;
}

/** The body of every answer of 400 and above. */
export interface RestError {
  readonly error: string;
  readonly code: string;
  readonly request_id: string;
}

export interface RestResponse<Body> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON. It has this shape when `status` says success; look at `error` otherwise. Undefined when it is not JSON. */
  readonly body: Body;
  /** The parsed JSON of a status of 400 and above; null below. */
  readonly error: RestError | null;
  /** The body as it came. */
  readonly text: string;
  /** Bytes of the request's body that were handed to the socket before the answer came. */
  readonly sentBytes: number;
}

export interface Download {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The bytes; read it to the end, or destroy it. */
  readonly stream: IncomingMessage;
}

export interface HashedDownload {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly sizeBytes: number;
  readonly sha256: string;
}
