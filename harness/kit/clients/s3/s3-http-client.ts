import { Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { S3Credentials } from '../../cluster/target.ts';
import { exchange } from '../http-exchange.ts';
import { signRequest, unsignedPayload } from './sign-request.ts';
import { emptySha256, pathEncoded } from './signature.ts';

export interface S3Request {
  readonly method: string;
  readonly bucket?: string;
  /** As users write it; the client encodes it. */
  readonly key?: string;
  /** As it goes over the wire, without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | { readonly data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>; sizeBytes: number };
  readonly signal?: AbortSignal;
}

export interface S3HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface S3HttpClientOptions {
  readonly credentials: S3Credentials;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Connections at once; more requests wait. Default 256. */
  readonly connectionsMax?: number;
}

/**
 * S3 with next to nothing between the caller and the wire: it neither retries, nor follows, nor checks, nor parses, so that
 * what is measured or counted is the store. Bodies go with UNSIGNED-PAYLOAD. A status is never an exception; what is thrown
 * is what the connection failed with.
 */
export class S3HttpClient implements Disposable {
  readonly base: URL;
  readonly #options: S3HttpClientOptions;
  readonly #agent: Agent;

  constructor(base: URL | string, options: S3HttpClientOptions) {
    this.base = new URL(base);
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connectionsMax ?? 256 });
  }

  /** The whole answer. */
  async send(request: S3Request): Promise<S3HttpAnswer> {
    const response = await this.open(request);
    const pieces: Buffer[] = [];
    for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) };
  }

  /** The answer's head, and its body as a stream to be read to the end, or destroyed. */
  async open({ method, bucket, key, query = '', headers = {}, body, signal }: S3Request): Promise<IncomingMessage> {
    const path = pathEncoded(`/${[bucket, key].filter((part) => part !== undefined).join('/')}`);
    const { data, sizeBytes } = body instanceof Uint8Array ? { data: [body], sizeBytes: body.length } : { ...body };
    const length = sizeBytes === undefined ? {} : { 'content-length': String(sizeBytes) };
    const request = { method, path, query, headers: { host: this.base.host, ...length, ...headers } };
    const signed = signRequest(request, body === undefined ? emptySha256 : unsignedPayload, this.#options);
    const { response } = await exchange(this.base, this.#agent, {
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: signed.headers,
      ...(data === undefined ? {} : { body: data }),
      ...(signal === undefined ? {} : { signal }),
    });
    return response;
  }

  close(): void {
    this.#agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
