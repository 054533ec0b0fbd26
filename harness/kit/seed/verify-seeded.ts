import { keyStream, type Seed } from './seeded-bytes.ts';

export interface SeededVerdict {
  readonly isWhole: boolean;
  /** Bytes that arrived. */
  readonly sizeBytes: number;
  /** Of the first byte that is wrong; null when every byte that arrived is right. */
  readonly firstWrongOffset: number | null;
  /** One sentence for a failure message; "whole" when all is well. */
  readonly message: string;
}

/** Compares a stream with what the seed says, on the fly. Reads the stream to its end unless a byte is wrong. */
export async function verifySeeded(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  seed: Seed,
  sizeBytes: number,
  { fromOffset = 0 } = {},
): Promise<SeededVerdict> {
  const expected = keyStream(seed, fromOffset);
  let at = 0;
  for await (const piece of stream) {
    const wanted = expected(piece.length);
    if (Buffer.compare(piece, wanted) !== 0) return wrongByte(piece, wanted, at);
    at += piece.length;
    if (at > sizeBytes) return verdict(at, null, `more than the expected ${sizeBytes} bytes arrived`);
  }
  if (at < sizeBytes) return verdict(at, null, `only ${at} of ${sizeBytes} bytes arrived`);
  return { isWhole: true, sizeBytes: at, firstWrongOffset: null, message: 'whole' };
}

function wrongByte(piece: Uint8Array, wanted: Uint8Array, at: number): SeededVerdict {
  const index = piece.findIndex((byte, position) => byte !== wanted[position]);
  const offset = at + index;
  return verdict(offset, offset, `byte ${offset} is ${hex(piece[index])} and must be ${hex(wanted[index])}`);
}

function verdict(sizeBytes: number, firstWrongOffset: number | null, message: string): SeededVerdict {
  return { isWhole: false, sizeBytes, firstWrongOffset, message };
}

function hex(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, '0')}`;
}
