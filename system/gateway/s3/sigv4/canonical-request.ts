import { hash } from 'node:crypto';
import type { Claim } from './claim.ts';
import { scopeOf } from './credential.ts';
import type { QueryParameters } from './query-parameters.ts';
import type { FoldedHeaders, IncomingHead } from './signed-request.ts';
import { canonicalPath } from './uri-encoding.ts';

/** What was signed: the request in one form, and the string with its digest, both with one character a byte. */
export interface SignedText {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Throws InvalidURI. */
export function signedText(
  head: IncomingHead,
  headers: FoldedHeaders,
  query: QueryParameters,
  claim: Claim,
): SignedText {
  const { signedHeaders, payload } = claim;
  const canonicalRequest = [
    head.method,
    canonicalPath(head.rawPath),
    query.canonical(),
    // A header that was signed and did not arrive leaves its name, and so the signature does not match.
    ...signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    signedHeaders.join(';'),
    payload,
  ].join('\n');
  const digest = hash('sha256', Buffer.from(canonicalRequest, 'latin1'), 'hex');
  const stringToSign = ['AWS4-HMAC-SHA256', claim.time.timestamp, scopeOf(claim.credential), digest].join('\n');
  return { canonicalRequest, stringToSign };
}
