import type { S3Credentials } from '../../cluster/target.ts';
import { amzDate, canonicalRequest, type Scope, scopeText, sha256, signatureOf, uriEncoded } from './signature.ts';

export interface RequestToSign {
  readonly method: string;
  /** As it goes over the wire, percent-encoded. */
  readonly path: string;
  /** As it goes over the wire, without the question mark; default none. */
  readonly query?: string;
  /** All that are to be signed; `host` must be among them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface SigningOptions {
  readonly credentials: S3Credentials;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default `s3`. */
  readonly service?: string;
  /** Default now. */
  readonly date?: Date;
}

export interface SignedHead {
  /** What was given, and what signing adds. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first link of the chain that signed chunks form. */
  readonly signature: string;
  readonly scope: Scope;
  /** `x-amz-date` */
  readonly time: string;
}

export const unsignedPayload = 'UNSIGNED-PAYLOAD';

/** Signs in the header. `payload` is the body, or what stands for it in x-amz-content-sha256. */
export function signRequest(request: RequestToSign, payload: Uint8Array | string, options: SigningOptions): SignedHead {
  const { accessKey } = options.credentials;
  const { scope, time } = scopeOf(options);
  const payloadHash = typeof payload === 'string' ? payload : sha256(payload);
  const headers = { ...request.headers, 'x-amz-content-sha256': payloadHash, 'x-amz-date': time };
  const signedHeaders = namesOf(headers);
  const canonical = canonicalRequest({ ...request, query: request.query ?? '', headers, signedHeaders, payloadHash });
  const signature = signatureOf(canonical, scope, time);
  const authorization = [
    `AWS4-HMAC-SHA256 Credential=${accessKey}/${scopeText(scope)}`,
    `SignedHeaders=${signedHeaders.join(';')}`,
    `Signature=${signature}`,
  ].join(', ');
  return { headers: { ...headers, authorization }, signature, scope, time };
}

/** The query of a presigned URL, signature included. */
export function presignedQuery(request: RequestToSign, expiresSeconds: number, options: SigningOptions): string {
  const { scope, time } = scopeOf(options);
  const signedHeaders = namesOf(request.headers);
  const parameters = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${options.credentials.accessKey}/${scopeText(scope)}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': signedHeaders.join(';'),
  };
  const own = Object.entries(parameters).map(([name, value]) => `${uriEncoded(name)}=${uriEncoded(value)}`);
  const query = [...(request.query ? [request.query] : []), ...own].join('&');
  const canonical = canonicalRequest({ ...request, query, signedHeaders, payloadHash: unsignedPayload });
  return `${query}&X-Amz-Signature=${signatureOf(canonical, scope, time)}`;
}

function scopeOf({ credentials, region = 'us-east-1', service = 's3', date = new Date() }: SigningOptions) {
  const time = amzDate(date);
  const scope: Scope = { secretKey: credentials.secretKey, day: time.slice(0, 8), region, service };
  return { scope, time };
}

function namesOf(headers: Readonly<Record<string, string>>): string[] {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort();
}
