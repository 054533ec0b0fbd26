import { hash, type KeyObject } from 'node:crypto';
import { S3Error } from '../errors.ts';
import { isSameSignature, sign } from './signature.ts';

const emptySha256 = hash('sha256', '', 'hex');

/**
 * Verifies the signatures of the chunks of one body, in order: each signs the one before it, and the first signs the
 * request's own. So no chunk can be left out, repeated, reordered or taken from elsewhere.
 */
export class ChunkSigner {
  readonly #key: KeyObject;
  readonly #timestamp: string;
  readonly #scope: string;
  #previous: string;

  /** `seed` is the signature of the request, in lower case. */
  constructor(key: KeyObject, timestamp: string, scope: string, seed: string) {
    this.#key = key;
    this.#timestamp = timestamp;
    this.#scope = scope;
    this.#previous = seed;
  }

  /** Throws SignatureDoesNotMatch. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
  verifyChunk(sha256Hex: string, given: string): void {
    this.#verify(['AWS4-HMAC-SHA256-PAYLOAD', ...this.#context(), emptySha256, sha256Hex], given);
  }

  /** Throws SignatureDoesNotMatch. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
  verifyTrailers(canonicalTrailers: string, given: string): void {
    const digest = hash('sha256', Buffer.from(canonicalTrailers, 'latin1'), 'hex');
    this.#verify(['AWS4-HMAC-SHA256-TRAILER', ...this.#context(), digest], given);
  }

  #context(): string[] {
    return [this.#timestamp, this.#scope, this.#previous];
  }

  #verify(lines: string[], given: string): void {
    const expected = sign(this.#key, lines.join('\n'));
    if (!isSameSignature(expected, given)) throw new S3Error('SignatureDoesNotMatch');
    this.#previous = expected;
  }
}
