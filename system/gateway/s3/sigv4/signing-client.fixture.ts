/** Signs requests with the client library of AWS itself, so that the verifier is not its own judge. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { exampleKey } from './published-examples.fixture.ts';
import type { IncomingHead } from './signed-request.ts';

type Init = ConstructorParameters<typeof SignatureV4>[0];
type Bytes = Parameters<InstanceType<Init['sha256']>['update']>[0];

class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Bytes) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }

  update(data: Bytes): void {
    this.#hash.update(data as Buffer);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('the signer makes a new hash for each digest');
  }
}

export interface ClientRequest {
  readonly method: string;
  /** Encoded once, as S3 clients send it. */
  readonly path: string;
  /** Decoded. */
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SignedClientRequest extends ClientRequest {
  readonly query: Record<string, string | string[]>;
  readonly headers: Record<string, string>;
}

export async function signHeaders(request: ClientRequest, time: string): Promise<SignedClientRequest> {
  return (await signer().sign(asSmithy(request), { signingDate: new Date(time) })) as SignedClientRequest;
}

export async function presign(request: ClientRequest, time: string, expiresIn: number): Promise<SignedClientRequest> {
  const options = { signingDate: new Date(time), expiresIn };
  return (await signer().presign(asSmithy(request), options)) as SignedClientRequest;
}

/** Signs a string with the key of a day. */
export async function signText(stringToSign: string, time: string): Promise<string> {
  return signer().sign(stringToSign, { signingDate: new Date(time) });
}

/** What a gateway sees of it: the headers as bytes, and the query written by `write`. */
export function onTheWire(
  request: SignedClientRequest,
  write: (pairs: [name: string, value: string][]) => string,
): IncomingHead {
  const pairs = Object.entries(request.query).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  const rawHeaders = Object.entries(request.headers).flatMap(([name, value]) => [
    name,
    Buffer.from(value, 'utf8').toString('latin1'),
  ]);
  return { method: request.method, rawPath: request.path, rawQuery: write(pairs), rawHeaders };
}

function signer(): SignatureV4 {
  return new SignatureV4({
    credentials: { accessKeyId: exampleKey.accessKey, secretAccessKey: exampleKey.secretKey },
    region: 'us-east-1',
    service: 's3',
    sha256: NodeSha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
}

function asSmithy({ method, path, query, headers }: ClientRequest) {
  return { method, path, query: { ...query }, headers: { ...headers }, protocol: 'http:', hostname: 'localhost' };
}
