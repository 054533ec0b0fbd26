import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Asked, LyingServer } from './lying-server.fixture.ts';

/**
 * A store in memory that is honest until it is told how to lie, so that whoever judges stores can be judged. It
 * speaks just enough of the REST interface: files as forms of one part, ids, a list.
 */
export interface Lies {
  /** What it keeps of a file that it acknowledges; null: nothing. */
  readonly keeps?: (bytes: Buffer, filename: string) => Buffer | null;
  /** What it sends of a file that it kept. */
  readonly sends?: (bytes: Buffer, filename: string) => Buffer;
  /** False: it breaks the connection instead of answering the upload. */
  readonly answersUpload?: (filename: string) => boolean;
  /** The status of an upload that is refused. It keeps the file all the same when `keeps` says so. */
  readonly refuses?: (filename: string) => number | null;
  /** False: it acknowledges the delete and keeps the file. */
  readonly deletes?: (filename: string) => boolean;
  /** Answers every delete with 503, or with that, and deletes nothing. */
  readonly refusesDeletes?: boolean | number;
  readonly lists?: (filename: string) => boolean;
  /** With which it acknowledges every upload. */
  readonly checksum?: string;
  /** True: its acknowledgements and lists have no body. */
  readonly saysNothing?: boolean;
}

interface Kept {
  readonly filename: string;
  readonly bytes: Buffer;
}

export class LyingStore extends LyingServer<Lies> {
  readonly #files = new Map<string, Kept>();

  static start(lies: Lies = {}): Promise<LyingStore> {
    return new LyingStore(lies).listen();
  }

  /** Everything that it has kept. */
  lose(): void {
    this.#files.clear();
  }

  protected override answer(asked: Asked, response: ServerResponse): void {
    const { path, query, request } = asked;
    const fileId = path.split('/')[2] ?? '';
    if (request.method === 'POST') return this.#upload(asked, response);
    if (request.method === 'DELETE') return this.#delete(fileId, response);
    if (fileId === '') return this.#list(Number(query.get('page')), Number(query.get('per_page')), response);
    return this.#download(fileId, response);
  }

  #upload({ body, request }: Asked, response: ServerResponse): void {
    const { filename, bytes } = onlyPart(body);
    const kept = this.lies.keeps === undefined ? bytes : this.lies.keeps(bytes, filename);
    const fileId = randomUUID();
    if (kept !== null) this.#files.set(fileId, { filename, bytes: kept });
    if (this.lies.answersUpload?.(filename) === false) {
      request.socket.destroy();
      return;
    }
    const refusal = this.lies.refuses?.(filename) ?? null;
    if (refusal === null && this.lies.saysNothing === true) response.writeHead(201).end();
    else if (refusal === null) {
      const checksum = this.lies.checksum ?? sha256(bytes);
      json(response, 201, { file_id: fileId, filename, size: bytes.length, checksum });
    } else refuse(response, refusal);
  }

  #download(fileId: string, response: ServerResponse): void {
    const file = this.#files.get(fileId);
    if (file === undefined) return notFound(response);
    const bytes = this.lies.sends?.(file.bytes, file.filename) ?? file.bytes;
    response.writeHead(200, { 'content-length': bytes.length, etag: `"${sha256(file.bytes)}"` }).end(bytes);
  }

  #delete(fileId: string, response: ServerResponse): void {
    const file = this.#files.get(fileId);
    if (file === undefined) return notFound(response);
    const { refusesDeletes = false } = this.lies;
    if (refusesDeletes !== false) return refuse(response, refusesDeletes === true ? 503 : refusesDeletes);
    if (this.lies.deletes?.(file.filename) !== false) this.#files.delete(fileId);
    json(response, 200, { message: 'deleted', file_id: fileId });
  }

  #list(page: number, perPage: number, response: ServerResponse): void {
    const all = [...this.#files]
      .filter(([, { filename }]) => this.lies.lists?.(filename) !== false)
      .map(([file_id, { filename, bytes }]) => {
        return { file_id, filename, size: bytes.length, checksum: sha256(bytes), upload_status: 'completed' };
      });
    if (this.lies.saysNothing === true) return void response.writeHead(200).end();
    const files = all.slice((page - 1) * perPage, page * perPage);
    json(response, 200, { files, total: all.length, page, per_page: perPage });
  }
}

function refuse(response: ServerResponse, status: number): void {
  json(response, status, { error: 'refused for the test', code: 'Refused', request_id: '1' });
}

function notFound(response: ServerResponse): void {
  json(response, 404, { error: 'there is no such file', code: 'FileNotFound', request_id: '1' });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function onlyPart(body: Buffer): Kept {
  const headEnd = body.indexOf('\r\n\r\n');
  const head = body.subarray(0, headEnd).toString();
  const boundary = head.slice(0, head.indexOf('\r\n'));
  const filename = /filename="([^"]*)"/.exec(head)?.[1] ?? '';
  return { filename, bytes: body.subarray(headEnd + 4, body.lastIndexOf(`\r\n${boundary}`)) };
}
