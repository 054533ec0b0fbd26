import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type S3HttpAnswer, S3HttpClient, type S3Request } from '../../kit/clients/s3/s3-http-client.ts';
import type { S3Credentials } from '../../kit/cluster/target.ts';

/** What a key may hold: bytes, and the ETag that belongs to them. */
export interface Content {
  readonly bytes: Buffer;
  readonly etag: string;
}

type KeyRequest = Omit<S3Request, 'bucket'>;

/** Nothing is answered later than this; a gateway that hangs is not one that was killed. */
const answeredWithinMs = 15_000;

/** One bucket through one gateway, by a client that never sends anything twice. */
export class KeyClient implements Disposable {
  readonly #client: S3HttpClient;
  readonly bucket: string;

  constructor(gateway: { readonly s3: URL }, credentials: S3Credentials, bucket: string) {
    this.#client = new S3HttpClient(gateway.s3, { credentials });
    this.bucket = bucket;
  }

  /** Whatever is answered. Throws what the connection failed with. */
  send(request: KeyRequest): Promise<S3HttpAnswer> {
    return this.#client.send({ ...request, bucket: this.bucket, signal: AbortSignal.timeout(answeredWithinMs) });
  }

  /** What must be a success. */
  async ask(request: KeyRequest): Promise<S3HttpAnswer> {
    const answer = await this.send(request);
    const { method, key = '', query = '' } = request;
    assert.ok(
      answer.status >= 200 && answer.status < 300,
      `${method} ${key}?${query}: ${answer.status} ${answer.body}`,
    );
    return answer;
  }

  /** What the key holds, on which GET and HEAD agree; null when there is no object. */
  async read(key: string): Promise<Content | null> {
    const [got, head] = [await this.send({ method: 'GET', key }), await this.send({ method: 'HEAD', key })];
    assert.equal(head.status, got.status, `HEAD of ${key} beside GET`);
    if (got.status === 404) return null;
    assert.equal(got.status, 200, `GET of ${key}: ${got.body.subarray(0, 500)}`);
    const { etag = '' } = got.headers;
    assert.deepEqual(
      [head.headers.etag, head.headers['content-length']],
      [etag, String(got.body.length)],
      `HEAD of ${key}`,
    );
    return { bytes: got.body, etag };
  }

  /** Begins an upload and stores its parts, numbered from 1. */
  async upload(key: string, parts: readonly Content[]): Promise<string> {
    const { body } = await this.ask({ method: 'POST', key, query: 'uploads' });
    const [, uploadId] = /<UploadId>([^<]+)</.exec(body.toString()) ?? [];
    assert.ok(uploadId !== undefined, `there is no UploadId in ${body}`);
    for (const [index, { bytes }] of parts.entries()) {
      await this.ask({ method: 'PUT', key, query: `partNumber=${index + 1}&uploadId=${uploadId}`, body: bytes });
    }
    return uploadId;
  }

  /** The ETags of the upload's parts in their order; null when there is no such upload. */
  async partEtags(key: string, uploadId: string): Promise<string[] | null> {
    const { status, body } = await this.send({ method: 'GET', key, query: `uploadId=${uploadId}` });
    if (status === 404) return null;
    assert.equal(status, 200, `the parts of ${key}: ${body}`);
    return [...body.toString().matchAll(/<ETag>(?:&quot;|")(\w+)/g)].map(([, etag]) => `"${etag}"`);
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The request that makes an object of these parts. */
export function completion(key: string, uploadId: string, parts: readonly Content[]): KeyRequest {
  const named = parts.map(
    ({ etag }, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = Buffer.from(`<CompleteMultipartUpload>${named.join('')}</CompleteMultipartUpload>`);
  return { method: 'POST', key, query: `uploadId=${uploadId}`, body };
}

/** As a plain PUT, or a part, has it. */
export function plain(bytes: Buffer): Content {
  return { bytes, etag: `"${md5(bytes).toString('hex')}"` };
}

/** As an upload makes it. */
export function joined(parts: readonly Content[]): Content {
  const digests = Buffer.concat(parts.map(({ bytes }) => md5(bytes)));
  const etag = `"${md5(digests).toString('hex')}-${parts.length}"`;
  return { bytes: Buffer.concat(parts.map(({ bytes }) => bytes)), etag };
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}
