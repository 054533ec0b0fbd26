import type { Clock } from '../../../common/clock.ts';
import { S3Error } from '../errors.ts';
import { claimOfHeader, unsupportedMechanism } from './authorization-header.ts';
import { signedText } from './canonical-request.ts';
import { ChunkSigner } from './chunk-signer.ts';
import { type Claim, checkSignedHeaders } from './claim.ts';
import { scopeOf } from './credential.ts';
import type { PayloadPlan } from './payload.ts';
import { planPayload } from './payload-plan.ts';
import { claimOfQuery } from './presigned-query.ts';
import { QueryParameters } from './query-parameters.ts';
import { isSameSignature, sign } from './signature.ts';
import { type FoldedHeaders, foldHeaders, type IncomingHead } from './signed-request.ts';
import { SigningKeys } from './signing-keys.ts';

export interface KeyRecord {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly isEnabled: boolean;
}

export interface AuthenticateDeps<Key extends KeyRecord> {
  readonly clock: Clock;
  readonly findKey: (accessKey: string) => Promise<Key | undefined>;
  readonly region: string;
}

/** An undefined key: there were no credentials at all, in the headers or in the query. */
export type Authenticated<Key> =
  | { readonly key: Key; readonly payload: PayloadPlan }
  | { readonly key: undefined; readonly payload: PayloadPlan };

// A memo of a pure function, some 300 bytes a key: what is shared through it cannot be told from what is derived anew.
const signingKeys = new SigningKeys(4096);

/**
 * Finds out who sent a request, by Signature V4 in its headers or its query. Throws S3Error, and what findKey throws.
 * The body is not read; what it was promised to be is in the payload plan, for decodePayload to hold it to.
 */
export async function authenticate<Key extends KeyRecord>(
  deps: AuthenticateDeps<Key>,
  head: IncomingHead,
): Promise<Authenticated<Key>> {
  const headers = foldHeaders(head.rawHeaders);
  const query = new QueryParameters(head.rawQuery);
  const claim = readClaim(deps, headers, query);
  if (claim === undefined) {
    return { key: undefined, payload: planPayload(headers.get('x-amz-content-sha256'), headers, undefined) };
  }
  checkSignedHeaders(claim, headers);
  const key = await deps.findKey(claim.credential.accessKey);
  // A key that was switched off is unknown to whoever still holds it.
  if (!key?.isEnabled) {
    throw new S3Error('InvalidAccessKeyId', undefined, { AWSAccessKeyId: claim.credential.accessKey });
  }
  const signingKey = signingKeys.get(claim.credential, key.secretKey);
  const { canonicalRequest, stringToSign } = signedText(head, headers, query, claim);
  const signature = sign(signingKey, stringToSign);
  if (!isSameSignature(signature, claim.signature)) throw mismatch(claim, stringToSign, canonicalRequest);
  const signer = () => new ChunkSigner(signingKey, claim.time.timestamp, scopeOf(claim.credential), signature);
  return { key, payload: planPayload(claim.payload, headers, signer) };
}

function readClaim<Key extends KeyRecord>(
  { clock, region }: AuthenticateDeps<Key>,
  headers: FoldedHeaders,
  query: QueryParameters,
): Claim | undefined {
  // An empty header is how clients say that they have no credentials.
  const authorization = headers.get('authorization') || undefined;
  const isPresigned = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-signature'].some((name) => has(query, name));
  const isVersion2 = ['awsaccesskeyid', 'signature'].some((name) => has(query, name));
  if (Number(authorization !== undefined) + Number(isPresigned) + Number(isVersion2) > 1) {
    throw new S3Error(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { ArgumentName: 'Authorization', ArgumentValue: authorization ?? '' },
    );
  }
  if (isVersion2) throw unsupportedMechanism();
  if (isPresigned) return claimOfQuery(query, headers, clock, region);
  return authorization === undefined ? undefined : claimOfHeader(authorization, headers, clock, region);
}

function has(query: QueryParameters, name: string): boolean {
  return query.get(name) !== undefined;
}

/** Tells the client what was signed here, so that it can compare line by line; all of it came from the client. */
function mismatch(claim: Claim, stringToSign: string, canonicalRequest: string): S3Error {
  return new S3Error('SignatureDoesNotMatch', undefined, {
    AWSAccessKeyId: claim.credential.accessKey,
    StringToSign: stringToSign,
    SignatureProvided: claim.signature,
    CanonicalRequest: canonicalRequest,
  });
}
