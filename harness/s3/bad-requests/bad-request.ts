import { type SigningOptions, signRequest } from '../../kit/clients/s3/sign-request.ts';
import type { S3Credentials } from '../../kit/cluster/target.ts';

/** A request that must be refused, byte by byte as it goes over the wire. */
export interface BadRequest {
  /** What is wrong with it. */
  readonly what: string;
  readonly status: number;
  /** AWS's; several where AWS itself answers with the one or the other. */
  readonly code: string | readonly string[];
  readonly bytes: (place: Place) => Buffer;
  /** The client ends its side behind the last byte. */
  readonly endsEarly?: boolean;
}

/** Where the corpus is sent, and what lies there. */
export interface Place {
  readonly endpoint: URL;
  readonly credentials: S3Credentials;
  readonly bucket: string;
  /** The key of an object of 1,000 bytes. */
  readonly existing: string;
  /** An upload of the key `upload` that has one part. */
  readonly uploadId: string;
}

export interface Wanted {
  /** Default PUT. */
  readonly method?: string;
  /** Default `/<bucket>/new`; `B` stands for the bucket. */
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Headers;
  readonly body?: Buffer | string;
  /** Null: none is declared. Default the body's. */
  readonly length?: null;
  /** What is signed in place of the body. */
  readonly payload?: string;
  readonly signing?: Partial<SigningOptions>;
}

export type Headers = Readonly<Record<string, string>>;

/** Undefined takes a header out. */
export type Change = (headers: Headers) => Readonly<Record<string, string | undefined>>;

/** A request that is signed as it should be, with what `change` does to its headers afterwards. */
export function signed(place: Place, wanted: Wanted = {}, change: Change = (headers) => headers): Buffer {
  const { method = 'PUT', path = '/B/new', query = '', signing = {} } = wanted;
  const body = Buffer.from(wanted.body ?? (method === 'PUT' ? 'content' : ''));
  const length = wanted.length === null ? {} : { 'content-length': String(body.length) };
  const fields = { host: place.endpoint.host, ...length, ...wanted.headers };
  const request = { method, path: path.replace('/B', `/${place.bucket}`), query, headers: fields };
  const { headers } = signRequest(request, wanted.payload ?? body, { credentials: place.credentials, ...signing });
  return onTheWire({ ...request, headers: change(headers) }, body);
}

/** The bytes of a request, however wrong it is. */
export function onTheWire(
  { method, path, query, headers }: { method: string; path: string; query: string; headers: ReturnType<Change> },
  body: Buffer | string,
): Buffer {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  const target = query === '' ? path : `${path}?${query}`;
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'),
    Buffer.from(body),
  ]);
}
