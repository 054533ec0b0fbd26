import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Asked, LyingServer } from './lying-server.fixture.ts';

/** Instead of an honest answer: no more bytes, a broken connection, or an error. */
export type Trouble = 'hang' | 'reset' | { readonly status: number; readonly code: string };

export interface S3Lies {
  /** Instead of doing what was asked. `step`: `PUT`, `POST ?uploads`, `PUT ?partNumber`, `POST ?uploadId`, `GET ?list-type` ... */
  readonly refuses?: (step: string) => Trouble | undefined;
  /** After it was done, instead of saying so. */
  readonly forgetsToAnswer?: (step: string) => Trouble | undefined;
  readonly sends?: (bytes: Buffer, key: string) => Buffer;
  /** Of a body that it sends: so many bytes, and the connection breaks. */
  readonly breaksOffAt?: number;
  readonly etag?: (etag: string) => string;
  readonly contentRange?: string;
}

interface Version {
  readonly key: string;
  readonly id: string;
  /** Null of a delete marker. */
  readonly object: { readonly bytes: Buffer; readonly etag: string } | null;
}

/** Fewer than are asked for, as S3 may. */
const versionsPerPage = 3;

/** As much of S3 as planned clients use, in memory, honest until it is told how to lie. Every request is taken as signed. */
export class LyingS3 extends LyingServer<S3Lies> {
  readonly objects = new Map<string, { readonly bytes: Buffer; readonly etag: string }>();
  readonly uploads = new Map<string, Buffer[]>();
  /** The newest first. */
  readonly versions: Version[] = [];
  /** Every step so far. */
  readonly asked: string[] = [];

  static start(lies: S3Lies = {}): Promise<LyingS3> {
    return new LyingS3(lies).listen();
  }

  protected override answer(asked: Asked, response: ServerResponse): void {
    const { path, query, request } = asked;
    const [parameter] = ['uploads', 'partNumber', 'uploadId', 'list-type', 'versions', 'versionId'].filter((name) =>
      query.has(name),
    );
    const step = parameter === undefined ? String(request.method) : `${request.method} ?${parameter}`;
    this.asked.push(step);
    const refusal = this.lies.refuses?.(step);
    if (refusal !== undefined) return trouble(response, refusal);
    const key = decodeURIComponent(path.split('/').slice(2).join('/'));
    const finish = this.#act(step, key, asked);
    const forgotten = this.lies.forgetsToAnswer?.(step);
    if (forgotten !== undefined) return trouble(response, forgotten);
    response.setHeader('x-amz-request-id', 'the-request');
    finish(response);
  }

  /** Does it, and gives back how it is to be answered. */
  #act(step: string, key: string, { query, request, body }: Asked): (response: ServerResponse) => void {
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    switch (step) {
      case 'PUT':
        return this.#put(key, body, plainEtag(body), request, true);
      case 'POST ?uploads':
        this.uploads.set('upload-1', []);
        return (response) =>
          response.end('<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>');
      case 'PUT ?partNumber':
        if (upload !== undefined) upload[Number(query.get('partNumber')) - 1] = body;
        return (response) => response.setHeader('etag', this.#told(plainEtag(body))).end();
      case 'POST ?uploadId':
        return this.#put(key, Buffer.concat(upload ?? []), partsEtag(upload ?? []), request, false);
      case 'DELETE ?uploadId':
        this.uploads.delete(query.get('uploadId') ?? '');
        return (response) => response.writeHead(204).end();
      case 'DELETE':
        this.objects.delete(key);
        this.#remember(key, null);
        return (response) => response.writeHead(204).end();
      case 'GET ?list-type':
        return this.#list(query);
      case 'GET ?versions':
        return this.#listVersions(query);
      case 'GET ?versionId':
        return this.#send(this.versions.find(({ id }) => id === query.get('versionId'))?.object, key, request);
      default:
        return this.#send(this.objects.get(key), key, request);
    }
  }

  #put(key: string, bytes: Buffer, etag: string, { headers }: IncomingMessage, isPlain: boolean) {
    const present = this.objects.get(key);
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
    if (ifMatch !== undefined && present === undefined) return refusal(404, 'NoSuchKey');
    if (ifMatch !== undefined && ifMatch !== `"${present?.etag}"`) return refusal(412, 'PreconditionFailed');
    if (ifNoneMatch !== undefined && present !== undefined) return refusal(412, 'PreconditionFailed');
    this.objects.set(key, { bytes, etag });
    this.#remember(key, { bytes, etag });
    return (response: ServerResponse) => {
      if (isPlain) response.setHeader('etag', this.#told(etag)).end();
      else
        response.end(`<CompleteMultipartUploadResult><ETag>${this.#told(etag)}</ETag></CompleteMultipartUploadResult>`);
    };
  }

  #remember(key: string, object: Version['object']): void {
    this.versions.unshift({ key, id: `version-${this.versions.length + 1}`, object });
  }

  #send(object: Version['object'] | undefined, key: string, { method, headers }: IncomingMessage) {
    if (object === undefined || object === null) return refusal(404, 'NoSuchKey');
    const bytes = this.lies.sends?.(object.bytes, key) ?? object.bytes;
    const [first, last] = (/^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []).slice(1).map(Number);
    const end = Math.min((last ?? bytes.length) + 1, bytes.length);
    const sent = first === undefined ? bytes : bytes.subarray(first, end);
    return (response: ServerResponse) => {
      response.setHeader('etag', this.#told(object.etag)).setHeader('content-length', sent.length);
      if (first !== undefined) {
        const honest = `bytes ${first}-${end - 1}/${bytes.length}`;
        response.setHeader('content-range', this.lies.contentRange ?? honest).writeHead(206);
      }
      if (method === 'HEAD') response.end();
      else if (this.lies.breaksOffAt === undefined) response.end(sent);
      else response.write(sent.subarray(0, this.lies.breaksOffAt), () => response.destroy());
    };
  }

  #list(query: URLSearchParams) {
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort();
    const page = keys.slice(0, Number(query.get('max-keys')));
    const contents = page.map((key) => {
      return `<Contents><Key>${key}</Key><ETag>&quot;${this.objects.get(key)?.etag}&quot;</ETag></Contents>`;
    });
    const isTruncated = page.length < keys.length;
    const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return (response: ServerResponse) =>
      response.end(
        `<ListBucketResult>${contents.join('')}<IsTruncated>${isTruncated}</IsTruncated>${next}</ListBucketResult>`,
      );
  }

  #listVersions(query: URLSearchParams) {
    const from = this.versions.findIndex(({ id }) => id === query.get('version-id-marker')) + 1;
    const page = this.versions.slice(from, from + versionsPerPage);
    const entries = page.map(({ key, id, object }) => {
      const element = object === null ? 'DeleteMarker' : 'Version';
      return `<${element}><Key>${key}</Key><VersionId>${id}</VersionId></${element}>`;
    });
    const last = page.at(-1);
    const isTruncated = from + page.length < this.versions.length;
    const next = `<NextKeyMarker>${last?.key}</NextKeyMarker><NextVersionIdMarker>${last?.id}</NextVersionIdMarker>`;
    const end = `<IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? next : ''}`;
    return (response: ServerResponse) =>
      response.end(`<ListVersionsResult>${entries.join('')}${end}</ListVersionsResult>`);
  }

  #told(etag: string): string {
    return `"${this.lies.etag?.(etag) ?? etag}"`;
  }
}

function trouble(response: ServerResponse, what: Trouble): void {
  if (what === 'reset') response.socket?.resetAndDestroy();
  else if (what !== 'hang') refusal(what.status, what.code)(response);
}

function refusal(status: number, code: string) {
  return (response: ServerResponse) => response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}

function plainEtag(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

function partsEtag(parts: readonly Buffer[]): string {
  const digests = Buffer.concat(parts.map((part) => createHash('md5').update(part).digest()));
  return `${plainEtag(digests)}-${parts.length}`;
}
