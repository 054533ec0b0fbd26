import { createHash } from 'node:crypto';
import { Agent, type OutgoingHttpHeaders } from 'node:http';
import { exchange, type HttpRequest } from './http-exchange.ts';
import { filePart, form } from './multipart.ts';
import type {
  DeletedFile,
  Download,
  FileMetadata,
  FilePage,
  HashedDownload,
  Health,
  RestResponse,
  UploadedFile,
} from './rest-types.ts';

export interface Upload {
  readonly filename: string;
  readonly contentType?: string;
  readonly data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Bytes of `data`. Undefined: the length is not declared, and the body goes in chunked transfer coding. */
  readonly sizeBytes?: number | undefined;
  readonly expectContinue?: boolean;
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

export interface RestClientOptions {
  /** Sent as `Authorization: Bearer`. */
  readonly apiKey?: string;
  /** Connections at once; more requests wait. Default 256. */
  readonly connectionsMax?: number;
}

interface CallOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

/**
 * The REST interface as a client sees it. An HTTP status is never an exception: look at `status`. What is
 * thrown is what the connection failed with (ECONNREFUSED, ECONNRESET, an abort).
 */
export class RestClient implements Disposable {
  readonly base: URL;
  readonly #agent: Agent;
  readonly #apiKey: string | undefined;

  constructor(base: URL | string, options: RestClientOptions = {}) {
    this.base = new URL(base);
    this.#apiKey = options.apiKey;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connectionsMax ?? 256 });
  }

  upload(file: Upload): Promise<RestResponse<UploadedFile>> {
    const { contentType, sizeBytes, body } = form([filePart(file)]);
    return this.send<UploadedFile>({
      method: 'POST',
      path: '/files',
      headers: {
        'content-type': contentType,
        ...(sizeBytes === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': sizeBytes }),
        ...file.headers,
      },
      body,
      ...(file.expectContinue === undefined ? {} : { expectContinue: file.expectContinue }),
      ...(file.signal === undefined ? {} : { signal: file.signal }),
    });
  }

  /** The bytes as a stream, whatever the status. `range` is the value of the header, such as `bytes=0-99`. */
  async download(fileId: string, options: CallOptions & { readonly range?: string } = {}): Promise<Download> {
    const headers = { ...options.headers, ...(options.range === undefined ? {} : { range: options.range }) };
    const wanted = { ...options, method: 'GET', path: filePath(fileId), headers };
    const { response } = await exchange(this.base, this.#agent, this.#authorized(wanted));
    return { status: response.statusCode ?? 0, headers: response.headers, stream: response };
  }

  /** Reads the bytes to the end without keeping them. Throws when the connection ends before the declared length. */
  async downloadHashed(
    fileId: string,
    options: CallOptions & { readonly range?: string } = {},
  ): Promise<HashedDownload> {
    const { status, headers, stream } = await this.download(fileId, options);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) {
      hash.update(piece);
      sizeBytes += piece.length;
    }
    return { status, headers, sizeBytes, sha256: hash.digest('hex') };
  }

  head(fileId: string, options: CallOptions = {}): Promise<RestResponse<undefined>> {
    return this.send({ ...options, method: 'HEAD', path: filePath(fileId) });
  }

  metadata(fileId: string, options: CallOptions = {}): Promise<RestResponse<FileMetadata>> {
    return this.send({ ...options, method: 'GET', path: `${filePath(fileId)}/metadata` });
  }

  list(
    query: { readonly page?: number | string; readonly perPage?: number | string; readonly status?: string } = {},
    options: CallOptions = {},
  ): Promise<RestResponse<FilePage>> {
    const named = { page: query.page, per_page: query.perPage, status: query.status };
    const given = Object.entries(named).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]));
    return this.send({ ...options, method: 'GET', path: given.length === 0 ? '/files' : `/files?${search}` });
  }

  delete(fileId: string, options: CallOptions = {}): Promise<RestResponse<DeletedFile>> {
    return this.send({ ...options, method: 'DELETE', path: filePath(fileId) });
  }

  health(options: CallOptions = {}): Promise<RestResponse<Health>> {
    return this.send({ ...options, method: 'GET', path: '/health' });
  }

  /** Any request, also a malformed one, and its whole answer. */
  async send<Body = unknown>(wanted: HttpRequest): Promise<RestResponse<Body>> {
    const { response, sentBytes } = await exchange(this.base, this.#agent, this.#authorized(wanted));
    const pieces: Buffer[] = [];
    for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    const parsed = parseJson(text);
    const status = response.statusCode ?? 0;
    return {
      status,
      headers: response.headers,
      body: parsed as Body,
      error: status >= 400 ? ((parsed as RestResponse<Body>['error']) ?? null) : null,
      text,
      sentBytes: sentBytes(),
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #authorized(wanted: HttpRequest): HttpRequest {
    if (this.#apiKey === undefined) return wanted;
    return { ...wanted, headers: { authorization: `Bearer ${this.#apiKey}`, ...wanted.headers } };
  }
}

function filePath(fileId: string): string {
  return `/files/${encodeURIComponent(fileId)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
