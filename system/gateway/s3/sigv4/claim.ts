import { S3Error } from '../errors.ts';
import type { Credential } from './credential.ts';
import type { RequestTime } from './request-time.ts';
import type { FoldedHeaders } from './signed-request.ts';

/** What a client says about its signature, in a header or in the query; nothing of it is proven yet. */
export interface Claim {
  readonly credential: Credential;
  readonly time: RequestTime;
  /** In lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  /** In hexadecimal, if the client is honest. */
  readonly signature: string;
  /** The last line of the canonical request: a SHA-256, or the word for how the body is framed. */
  readonly payload: string;
}

/** Signed by its value, as the last line of the canonical request: clients in browsers leave its name out, and S3 lets them in. */
const PAYLOAD = 'x-amz-content-sha256';

/**
 * Throws AccessDenied when a header that changes what the request does is not covered by the signature: whoever got
 * a presigned upload could otherwise turn it into a copy by adding x-amz-copy-source.
 */
export function checkSignedHeaders(claim: Claim, headers: FoldedHeaders): void {
  const signed = new Set(claim.signedHeaders);
  const mustBeSigned = ['host', ...[...headers.keys()].filter((name) => name.startsWith('x-amz-') && name !== PAYLOAD)];
  const unsigned = mustBeSigned.filter((name) => !signed.has(name));
  if (unsigned.length === 0) return;
  throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
    HeadersNotSigned: unsigned.join(', '),
  });
}
