import { createCipheriv, createHash } from 'node:crypto';

/**
 * The content of a test file is a pure function of a seed and an offset: nobody has to keep it to know what it
 * was. It is the key stream of AES-128 in counter mode under a key made from the seed. So any offset can be
 * computed directly, no two blocks are equal (a misplaced block is found), it does not compress, and it comes
 * at several GB/s.
 */
const cipherBlockBytes = 16;
const defaultPieceBytes = 1024 * 1024;
const zeros = Buffer.alloc(defaultPieceBytes);

export type Seed = number | string;

/** `sizeBytes` bytes in pieces of `pieceBytes` (the last may be shorter), beginning at `fromOffset` of the seed's content. */
export function* seededBytes(
  seed: Seed,
  sizeBytes: number,
  { fromOffset = 0, pieceBytes = defaultPieceBytes } = {},
): Generator<Buffer> {
  const next = keyStream(seed, fromOffset);
  for (let left = sizeBytes; left > 0; ) {
    const piece = next(Math.min(left, pieceBytes));
    left -= piece.length;
    yield piece;
  }
}

/** The bytes from `offset` on, in one buffer: for small files and for ranges. */
export function expectedRange(seed: Seed, offset: number, lengthBytes: number): Buffer {
  return keyStream(seed, offset)(lengthBytes);
}

/** SHA-256 in lower-case hexadecimal of the first `sizeBytes` bytes. */
export function seededSha256(seed: Seed, sizeBytes: number): string {
  const hash = createHash('sha256');
  for (const piece of seededBytes(seed, sizeBytes)) hash.update(piece);
  return hash.digest('hex');
}

/** A function that gives the next n bytes of the seed's content at each call. */
export function keyStream(seed: Seed, fromOffset: number): (lengthBytes: number) => Buffer {
  const key = createHash('sha256').update(String(seed)).digest().subarray(0, cipherBlockBytes);
  const counter = Buffer.alloc(cipherBlockBytes);
  counter.writeBigUInt64BE(BigInt(Math.floor(fromOffset / cipherBlockBytes)), 8);
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  cipher.update(zeros.subarray(0, fromOffset % cipherBlockBytes));
  // Encrypting zeros gives the key stream itself.
  return (lengthBytes) =>
    cipher.update(lengthBytes <= zeros.length ? zeros.subarray(0, lengthBytes) : Buffer.alloc(lengthBytes));
}
