import { createHash } from 'node:crypto';
import type { SignedHead } from './sign-request.ts';
import { emptySha256, hmac, scopeText, sha256, signingKey } from './signature.ts';

/**
 * The body of `Content-Encoding: aws-chunked`: each piece with its length and, when it is signed, the signature that
 * hangs on the one before it, so that no chunk can be changed, dropped or moved.
 * See https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export interface ChunkedOptions {
  /** Of the request whose body it is; undefined: the chunks carry no signature. */
  readonly signed?: SignedHead;
  /** Sent behind the last chunk, and signed when the chunks are. */
  readonly trailers?: Readonly<Record<string, string>>;
}

export const streamingPayload = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
export const streamingPayloadTrailer = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
export const streamingUnsignedTrailer = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** Every chunk as a buffer of its own, the empty last one with the trailers included. */
export function awsChunks(pieces: readonly Uint8Array[], { signed, trailers }: ChunkedOptions): Buffer[] {
  const chain = signed === undefined ? undefined : new SignatureChain(signed);
  const head = (piece: Uint8Array) => {
    const signature = chain === undefined ? '' : `;chunk-signature=${chain.next(piece)}`;
    return `${piece.length.toString(16)}${signature}\r\n`;
  };
  const chunks = pieces.map((piece) => Buffer.concat([Buffer.from(head(piece)), piece, Buffer.from('\r\n')]));
  const last = head(Buffer.alloc(0));
  return [...chunks, Buffer.from(`${last}${trailerLines(trailers, chain)}\r\n`)];
}

function trailerLines(trailers: ChunkedOptions['trailers'], chain: SignatureChain | undefined): string {
  if (trailers === undefined) return '';
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\r\n`);
  if (chain === undefined) return lines.join('');
  const canonical = Object.entries(trailers).map(([name, value]) => `${name}:${value}\n`);
  return `${lines.join('')}x-amz-trailer-signature:${chain.ofTrailer(canonical.join(''))}\r\n`;
}

class SignatureChain {
  readonly #signed: SignedHead;
  #previous: string;

  constructor(signed: SignedHead) {
    this.#signed = signed;
    this.#previous = signed.signature;
  }

  next(piece: Uint8Array): string {
    return this.#link('AWS4-HMAC-SHA256-PAYLOAD', [emptySha256, createHash('sha256').update(piece).digest('hex')]);
  }

  ofTrailer(lines: string): string {
    return this.#link('AWS4-HMAC-SHA256-TRAILER', [sha256(lines)]);
  }

  #link(algorithm: string, hashes: readonly string[]): string {
    const { scope, time } = this.#signed;
    const text = [algorithm, time, scopeText(scope), this.#previous, ...hashes].join('\n');
    this.#previous = hmac(signingKey(scope), text).toString('hex');
    return this.#previous;
  }
}
