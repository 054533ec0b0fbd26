import { signRequest, unsignedPayload } from '../../kit/clients/s3/sign-request.ts';
import { emptySha256, pathEncoded } from '../../kit/clients/s3/signature.ts';
import type { S3Store } from './s3-store.ts';
import { type WireAnswer, WireConnection } from './wire-connection.ts';

export interface SmallRequest {
  readonly method: 'PUT' | 'GET' | 'HEAD' | 'DELETE';
  readonly bucket: string;
  readonly key: string;
  readonly body?: Uint8Array;
  /** What the answer's body must be; default nothing. */
  readonly expected?: Uint8Array;
}

/** As many clients as connections, each with one request at a time. */
export class WireClients implements Disposable {
  readonly #store: Pick<S3Store, 's3' | 'credentials'>;
  readonly #connections: readonly WireConnection[];
  readonly #idle: WireConnection[];

  static async open(store: Pick<S3Store, 's3' | 'credentials'>, clients: number): Promise<WireClients> {
    return new WireClients(
      store,
      await Promise.all(Array.from({ length: clients }, () => WireConnection.open(store.s3))),
    );
  }

  private constructor(store: Pick<S3Store, 's3' | 'credentials'>, connections: readonly WireConnection[]) {
    this.#store = store;
    this.#connections = connections;
    this.#idle = [...connections];
  }

  /** Throws when the answer has another status, or another body, than it must have. */
  async send(request: SmallRequest, status: number): Promise<WireAnswer> {
    const { method, bucket, key, body, expected } = request;
    const connection = this.#idle.pop();
    if (connection === undefined) throw new Error('more requests at once than clients');
    const head = this.#head(request);
    const answer = await connection.send({
      head,
      isHead: method === 'HEAD',
      ...(body === undefined ? {} : { body }),
      ...(expected === undefined ? {} : { expected }),
    });
    this.#idle.push(connection);
    if (answer.status !== status) {
      throw new Error(`${method} /${bucket}/${key} was answered by ${answer.status}: ${answer.complaint}`);
    }
    if (!answer.isAsExpected) {
      throw new Error(`${method} /${bucket}/${key} brought other bytes than it must (${answer.bodyBytes} of them)`);
    }
    return answer;
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection[Symbol.dispose]();
  }

  #head({ method, bucket, key, body }: SmallRequest): string {
    const { s3, credentials } = this.#store;
    const path = pathEncoded(`/${bucket}/${key}`);
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const request = { method, path, headers: { host: s3.host, ...length } };
    const { headers } = signRequest(request, body === undefined ? emptySha256 : unsignedPayload, { credentials });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  }
}
