import type { ValueId } from '../history/events.ts';
import { keyStream } from '../seed/seeded-bytes.ts';

/** A value of a run: its content follows from these two. */
export interface Value {
  readonly id: ValueId;
  readonly bytes: number;
}

/** Below, two values could be the same by chance. */
export const valueBytesMin = 8;
/** Whoever has so many bytes of a content, from its beginning, has its whole head. */
export const headBytesMax = 64;
const pieceBytesMax = 256 * 1024;

/**
 * A content begins with a line that names its value, so that a reader learns from the bytes whose they are. What follows are
 * bytes that the name decides; a content that is too short for the line has those alone.
 */
export function contentFrom({ id, bytes }: Value, offset: number): (lengthBytes: number) => Buffer {
  const head = headOf(id, bytes);
  const next = keyStream(id, offset);
  let at = offset;
  return (lengthBytes) => {
    const piece = next(lengthBytes);
    if (at < head.length) piece.set(head.subarray(at, at + lengthBytes));
    at += lengthBytes;
    return piece;
  };
}

/** `lengthBytes` of the content from `offset` on, in pieces. */
export function* contentPieces(value: Value, offset = 0, lengthBytes = value.bytes): Generator<Buffer> {
  const next = contentFrom(value, offset);
  for (let left = lengthBytes; left > 0; left -= pieceBytesMax) yield next(Math.min(left, pieceBytesMax));
}

/** The value that the first bytes of a content name; null where they name none. */
export function namedBy(firstBytes: Buffer): ValueId | null {
  const head = firstBytes.subarray(0, headBytesMax).toString('latin1');
  return /^sextant-value ([^\n]+)\n/.exec(head)?.[1] ?? null;
}

function headOf(id: ValueId, bytes: number): Buffer {
  const head = Buffer.from(`sextant-value ${id}\n`);
  if (head.length > headBytesMax) throw new RangeError(`the name of value ${id} is too long for a head`);
  return head.length <= bytes ? head : Buffer.alloc(0);
}
