import { S3Error } from '../errors.ts';
import type { ChunkSigner } from './chunk-signer.ts';
import type { PayloadPlan } from './payload.ts';
import type { FoldedHeaders } from './signed-request.ts';

/**
 * Reads the word that stands for the payload in the canonical request; undefined when an anonymous client said none.
 * `signer` is undefined when nothing can have been signed. Throws InvalidArgument for words that S3 does not know,
 * NotImplemented, AccessDenied, MissingContentLength.
 */
export function planPayload(
  payload: string | undefined,
  headers: FoldedHeaders,
  signer: (() => ChunkSigner) | undefined,
): PayloadPlan {
  switch (payload) {
    case undefined:
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'plain', sha256: undefined };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked', signer: undefined, hasTrailer: true, decodedBytes: decodedBytes(headers) };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      if (signer === undefined) throw new S3Error('AccessDenied');
      return {
        kind: 'chunked',
        signer: signer(),
        hasTrailer: payload.endsWith('-TRAILER'),
        decodedBytes: decodedBytes(headers),
      };
    case 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER':
      throw new S3Error('NotImplemented', 'Signatures with public keys (SigV4A) are not implemented.');
    default:
      if (/^[0-9a-f]{64}$/i.test(payload)) return { kind: 'plain', sha256: payload.toLowerCase() };
      throw new S3Error(
        'InvalidArgument',
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
        { ArgumentName: 'x-amz-content-sha256', ArgumentValue: payload },
      );
  }
}

function decodedBytes(headers: FoldedHeaders): number {
  const name = 'x-amz-decoded-content-length';
  const text = headers.get(name);
  if (text === undefined) throw new S3Error('MissingContentLength');
  // Fifteen digits are exact in a number, and more than any object has bytes.
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new S3Error('InvalidArgument', `${name} must be a number of bytes.`, {
    ArgumentName: name,
    ArgumentValue: text,
  });
}
