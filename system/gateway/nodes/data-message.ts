import { crc32c } from '@node-rs/crc32';
import { GetChunkResponse } from '../../../proto/gen/storage.ts';
import type { MessagePieces } from './message-splitter.ts';

/** The data of a GetChunkResponse, where it arrived, and whether it is what the node sent. */
export interface ChunkData {
  readonly pieces: readonly Buffer[];
  /** False when the message carries a CRC-32C and the data does not match it. */
  readonly isIntact: boolean;
}

/** Tags of GetChunkResponse (storage.proto): data_crc32c is field 2, fixed32; data is field 1, bytes. */
const TAG_CRC = (2 << 3) | 5;
const TAG_DATA = (1 << 3) | 2;
const CRC_FIELD_BYTES = 5;

/**
 * Reads a message without putting its pieces together, when it has the form in which our nodes write it: the CRC,
 * then the data to its end. Any other form is legal too, and is decoded from a copy.
 */
export function readDataMessage(message: MessagePieces): ChunkData {
  const first = message.pieces[0] ?? Buffer.alloc(0);
  const header =
    first[0] === TAG_CRC && first[CRC_FIELD_BYTES] === TAG_DATA ? lengthAt(first, CRC_FIELD_BYTES + 1) : undefined;
  if (header === undefined || header.end + header.value !== message.bytes) return decodeCopy(message);
  const pieces = [first.subarray(header.end), ...message.pieces.slice(1)];
  return { pieces, isIntact: crcOf(pieces) === first.readUInt32LE(1) };
}

function decodeCopy(message: MessagePieces): ChunkData {
  const { data, dataCrc32c } = GetChunkResponse.decode(Buffer.concat(message.pieces));
  const pieces = data.length === 0 ? [] : [Buffer.from(data.buffer, data.byteOffset, data.byteLength)];
  return { pieces, isIntact: dataCrc32c === undefined || crcOf(pieces) === dataCrc32c };
}

function crcOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((crc, piece) => crc32c(piece, crc), 0);
}

/** A varint of at most four bytes, and where it ends; undefined when the piece ends within it. */
function lengthAt(piece: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 4; index++) {
    const byte = piece[start + index];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value, end: start + index + 1 };
  }
  return undefined;
}
