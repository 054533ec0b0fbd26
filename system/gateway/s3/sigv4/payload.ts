import { createHash } from 'node:crypto';
import { KiB } from '../../../common/bytes.ts';
import { S3Error } from '../errors.ts';
import { decodeChunks } from './aws-chunked.ts';
import type { ChunkSigner } from './chunk-signer.ts';

/** How the body is framed and what it has been promised to be. */
export type PayloadPlan =
  | {
      readonly kind: 'plain';
      /** In lower-case hexadecimal; undefined when the payload is not signed. */
      readonly sha256: string | undefined;
    }
  | ChunkedPlan;

export interface ChunkedPlan {
  readonly kind: 'chunked';
  /** Undefined when the chunks carry no signatures. Good for one body. */
  readonly signer: ChunkSigner | undefined;
  readonly hasTrailer: boolean;
  /** What x-amz-decoded-content-length promises. */
  readonly decodedBytes: number;
}

export interface PayloadLimits {
  /** Signed chunks up to this size are held back until their signature is verified. */
  readonly heldBytesMax: number;
  /** Of the line that begins a chunk; with a signature it has some 90. */
  readonly chunkHeaderBytesMax: number;
  /** Of everything behind the last chunk. */
  readonly trailerBytesMax: number;
}

// SDKs send chunks of 64 or 128 KiB. With 50 uploads at once, 256 KiB each are 12.5 MiB.
const defaultLimits: PayloadLimits = {
  heldBytesMax: 256 * KiB,
  chunkHeaderBytesMax: 1 * KiB,
  trailerBytesMax: 16 * KiB,
};

export interface DecodedPayload {
  /** Views of the pieces of the body: not copied, and valid as long as those are. */
  readonly bytes: AsyncGenerator<Buffer, void, undefined>;
  /** Values by name in lower case; filled once `bytes` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
}

/**
 * The bytes that the client meant, out of the framing in which it sent them. When `bytes` ends normally, everything
 * that was promised has been verified, and whoever commits then commits only that; until then, nothing is proven.
 * Throws SignatureDoesNotMatch, IncompleteBody, InvalidRequest, MalformedTrailerError and XAmzContentSHA256Mismatch, and what
 * `body` throws.
 */
export function decodePayload(
  body: AsyncIterable<Buffer>,
  plan: PayloadPlan,
  limits: PayloadLimits = defaultLimits,
): DecodedPayload {
  const trailers = new Map<string, string>();
  const bytes = plan.kind === 'plain' ? verifyWhole(body, plan.sha256) : decodeChunks(body, plan, limits, trailers);
  return { bytes, trailers };
}

async function* verifyWhole(body: AsyncIterable<Buffer>, sha256: string | undefined): AsyncGenerator<Buffer, void> {
  if (sha256 === undefined) return yield* body;
  const hash = createHash('sha256');
  for await (const piece of body) {
    hash.update(piece);
    yield piece;
  }
  const computed = hash.digest('hex');
  if (computed === sha256) return;
  throw new S3Error('XAmzContentSHA256Mismatch', undefined, {
    ClientComputedContentSHA256: sha256,
    S3ComputedContentSHA256: computed,
  });
}
