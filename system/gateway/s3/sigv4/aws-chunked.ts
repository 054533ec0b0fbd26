import { createHash, type Hash } from 'node:crypto';
import { S3Error } from '../errors.ts';
import { BodyReader } from './body-reader.ts';
import { readTrailers } from './chunk-trailers.ts';
import { HeldBytes } from './held-bytes.ts';
import type { ChunkedPlan, PayloadLimits } from './payload.ts';

/**
 * Decodes the framing `aws-chunked`: `<size in hex>[;chunk-signature=<hex>] CRLF <bytes> CRLF`, repeated, with a chunk
 * of size 0 at the end and, when the plan says so, trailers behind it. `trailers` is filled before the end.
 * Throws SignatureDoesNotMatch, InvalidRequest, MalformedTrailerError, and IncompleteBody when the chunks do not add up to what was promised.
 */
export async function* decodeChunks(
  body: AsyncIterable<Buffer>,
  plan: ChunkedPlan,
  limits: PayloadLimits,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = new BodyReader(body);
  try {
    let missingBytes = plan.decodedBytes;
    for (;;) {
      const chunk = parseChunkHeader(await reader.line(limits.chunkHeaderBytesMax));
      if (chunk.bytes > missingBytes) throw new S3Error('IncompleteBody');
      missingBytes -= chunk.bytes;
      yield* chunkBytes(reader, chunk, plan, limits);
      if (chunk.bytes === 0) break;
      await expectLineEnd(reader);
    }
    if (missingBytes > 0) throw new S3Error('IncompleteBody');
    await readTrailers(reader, plan, limits.trailerBytesMax, trailers);
  } finally {
    await reader.close();
  }
}

interface ChunkHeader {
  readonly bytes: number;
  readonly signature: string;
}

function parseChunkHeader(line: string | undefined): ChunkHeader {
  if (line === undefined) throw new S3Error('IncompleteBody');
  // Twelve digits are 256 TiB: exact in a number, and more than any object has.
  const match = /^([0-9a-f]{1,12})(?:;(.*))?$/i.exec(line);
  if (match === null) throw new S3Error('InvalidRequest', 'The size of a chunk of the body is malformed.');
  const [, size = '', extension = ''] = match;
  return { bytes: Number.parseInt(size, 16), signature: /^chunk-signature=(.*)$/.exec(extension)?.[1] ?? '' };
}

/** The bytes of one chunk. Those of a small signed one leave only after its signature was verified. */
async function* chunkBytes(
  reader: BodyReader,
  chunk: ChunkHeader,
  { signer }: ChunkedPlan,
  limits: PayloadLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = signer === undefined ? undefined : createHash('sha256');
  const held = signer !== undefined && chunk.bytes <= limits.heldBytesMax ? new HeldBytes() : undefined;
  for (let missingBytes = chunk.bytes; missingBytes > 0; ) {
    const piece = await reader.some(missingBytes);
    missingBytes -= piece.length;
    hash?.update(piece);
    if (held === undefined) yield piece;
    else held.push(piece);
  }
  signer?.verifyChunk(digestOf(hash), chunk.signature);
  if (held !== undefined) yield* held.pieces;
}

function digestOf(hash: Hash | undefined): string {
  return hash?.digest('hex') ?? '';
}

async function expectLineEnd(reader: BodyReader): Promise<void> {
  for (const expected of [0x0d, 0x0a]) {
    const [byte] = await reader.some(1);
    if (byte !== expected) throw new S3Error('InvalidRequest', 'A chunk of the body is longer than its size says.');
  }
}
