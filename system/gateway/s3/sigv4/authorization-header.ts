import type { Clock } from '../../../common/clock.ts';
import { S3Error } from '../errors.ts';
import type { Claim } from './claim.ts';
import { checkScope, parseCredential, type Refuse } from './credential.ts';
import { isoSeconds, parseRequestTime, type RequestTime } from './request-time.ts';
import type { FoldedHeaders } from './signed-request.ts';

export const SKEW_MS_MAX = 15 * 60 * 1000;

const refuse: Refuse = (reason, details) =>
  new S3Error('AuthorizationHeaderMalformed', `The authorization header is malformed; ${reason}`, details);

const threeComponents = 'the authorization header requires three components: Credential, SignedHeaders, and Signature.';

/**
 * Reads a signature from the headers of a request.
 * Throws AuthorizationHeaderMalformed, AccessDenied (no date), RequestTimeTooSkewed, InvalidRequest, InvalidArgument.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function claimOfHeader(authorization: string, headers: FoldedHeaders, clock: Clock, region: string): Claim {
  const components = componentsOf(authorization);
  const credentialText = components.get('Credential');
  const signedHeaders = components.get('SignedHeaders');
  const signature = components.get('Signature');
  if (!credentialText || !signedHeaders || !signature) {
    throw refuse(threeComponents);
  }
  const credential = parseCredential(credentialText, refuse);
  const time = timeOf(headers);
  checkScope(credential, time, region, refuse);
  checkSkew(time, clock.nowMs());
  const payload = headers.get('x-amz-content-sha256');
  if (payload === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  return { credential, time, signedHeaders: signedHeaders.toLowerCase().split(';'), signature, payload };
}

function componentsOf(authorization: string): Map<string, string> {
  const blank = authorization.indexOf(' ');
  const scheme = blank === -1 ? authorization : authorization.slice(0, blank);
  if (scheme !== 'AWS4-HMAC-SHA256') throw wrongScheme(scheme, authorization);
  const components = authorization.slice(scheme.length).split(',');
  // No more than three, so that a header that was sent twice is not read as one of the two.
  if (components.length > 3) throw refuse(threeComponents);
  return new Map(
    components.map((component) => {
      const [name = '', ...value] = component.trim().split('=');
      return [name, value.join('=')];
    }),
  );
}

function wrongScheme(scheme: string, authorization: string): S3Error {
  const details = { ArgumentName: 'Authorization', ArgumentValue: authorization };
  if (scheme.startsWith('AWS4-')) return unsupportedMechanism();
  if (scheme !== 'AWS') return new S3Error('InvalidArgument', 'Unsupported Authorization Type', details);
  if (authorization.includes(':')) return unsupportedMechanism();
  const expected = 'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature';
  return new S3Error('InvalidArgument', expected, details);
}

/** What S3 answers to Signature V2, and to V4 with public keys, where only V4 with secrets is known. */
export function unsupportedMechanism(): S3Error {
  const sentence = 'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.';
  return new S3Error('InvalidRequest', sentence);
}

function timeOf(headers: FoldedHeaders): RequestTime {
  const time = parseRequestTime(headers.get('x-amz-date') ?? headers.get('date') ?? '');
  if (time !== undefined) return time;
  throw new S3Error('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
}

function checkSkew(time: RequestTime, nowMs: number): void {
  if (Math.abs(nowMs - time.atMs) <= SKEW_MS_MAX) return;
  throw new S3Error('RequestTimeTooSkewed', undefined, {
    RequestTime: time.timestamp,
    ServerTime: isoSeconds(nowMs),
    MaxAllowedSkewMilliseconds: String(SKEW_MS_MAX),
  });
}
