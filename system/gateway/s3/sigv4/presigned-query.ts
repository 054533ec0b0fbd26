import type { Clock } from '../../../common/clock.ts';
import { S3Error } from '../errors.ts';
import { SKEW_MS_MAX } from './authorization-header.ts';
import type { Claim } from './claim.ts';
import { checkScope, parseCredential, type Refuse } from './credential.ts';
import type { QueryParameters } from './query-parameters.ts';
import { isoSeconds, parseTimestamp, type RequestTime } from './request-time.ts';
import type { FoldedHeaders } from './signed-request.ts';

const EXPIRES_SECONDS_MAX = 7 * 24 * 60 * 60;

const refuse = (sentence: string, details?: Readonly<Record<string, string>>) =>
  new S3Error('AuthorizationQueryParametersError', sentence, details);
const refuseCredential: Refuse = (reason, details) =>
  refuse(`Error parsing the X-Amz-Credential parameter; ${reason}`, details);

/**
 * Reads the signature of a presigned URL.
 * Throws AuthorizationQueryParametersError, and AccessDenied before the URL is valid and after it has expired.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function claimOfQuery(query: QueryParameters, headers: FoldedHeaders, clock: Clock, region: string): Claim {
  const algorithm = query.get('x-amz-algorithm');
  const credentialText = query.get('x-amz-credential');
  const signature = query.get('x-amz-signature');
  const date = query.get('x-amz-date');
  const signedHeaders = query.get('x-amz-signedheaders');
  const expires = query.get('x-amz-expires');
  if (!algorithm || !credentialText || !signature || !date || !signedHeaders || !expires) {
    throw refuse(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (algorithm !== 'AWS4-HMAC-SHA256') throw refuse('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  const credential = parseCredential(credentialText, refuseCredential);
  const time = parseTimestamp(date);
  if (time === undefined) throw refuse("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  checkScope(credential, time, region, refuseCredential);
  checkValidity(time, parseExpires(expires), clock.nowMs());
  // SDKs move x-amz-content-sha256 into the query; who presigns does not know the body, so neither is the rule.
  const payload = query.get('x-amz-content-sha256') ?? headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD';
  return { credential, time, signedHeaders: signedHeaders.toLowerCase().split(';'), signature, payload };
}

function parseExpires(text: string): number {
  if (!/^-?\d+$/.test(text)) throw refuse('X-Amz-Expires should be a number');
  const seconds = Number(text);
  if (seconds < 0) throw refuse('X-Amz-Expires must be non-negative');
  if (seconds === 0) throw refuse('X-Amz-Expires must be at least one second');
  if (seconds <= EXPIRES_SECONDS_MAX) return seconds;
  throw refuse(
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
  );
}

function checkValidity(time: RequestTime, expiresSeconds: number, nowMs: number): void {
  const expiresAtMs = time.atMs + expiresSeconds * 1000;
  const details = { Expires: isoSeconds(expiresAtMs), ServerTime: isoSeconds(nowMs) };
  if (time.atMs > nowMs + SKEW_MS_MAX) {
    throw new S3Error('AccessDenied', 'Request is not yet valid', { 'X-Amz-Date': String(time.atMs), ...details });
  }
  if (nowMs > expiresAtMs) {
    throw new S3Error('AccessDenied', 'Request has expired', { 'X-Amz-Expires': String(expiresSeconds), ...details });
  }
}
