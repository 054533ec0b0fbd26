/**
 * Protobuf around a block of chunk data, written in place.
 *
 * The generated encoder would copy every block twice. Here the block already lies in a buffer that has
 * FRAME_HEADROOM_BYTES free in front of it: the CRC, then the tag and the length of the data are written
 * right before the data, and the result is a view of the same memory. Nothing is written behind the data, so
 * that one buffer can be sent as several messages, first to last: each overwrites only what has been sent.
 */
export const FRAME_HEADROOM_BYTES = 16;

/** Numbers of the two fields in the message at hand (storage.proto). */
interface DataFields {
  readonly data: number;
  readonly dataCrc32c: number;
}
export const putChunkData: DataFields = { data: 2, dataCrc32c: 4 };
export const getChunkData: DataFields = { data: 1, dataCrc32c: 2 };

const WIRE_TYPE_LENGTH_DELIMITED = 2;
const WIRE_TYPE_FIXED32 = 5;

const CRC_FIELD_BYTES = 5;

/**
 * Frames the `dataBytes` bytes that begin at FRAME_HEADROOM_BYTES in `buffer` as one message.
 * The returned view shares the memory of `buffer` and is valid until that memory is used again.
 */
export function frameData(fields: DataFields, buffer: Buffer, dataBytes: number, crc32c: number): Buffer {
  const lengthAt = FRAME_HEADROOM_BYTES - varintBytes(dataBytes);
  const start = lengthAt - 1 - CRC_FIELD_BYTES;
  buffer[start] = (fields.dataCrc32c << 3) | WIRE_TYPE_FIXED32;
  buffer.writeUInt32LE(crc32c, start + 1);
  buffer[lengthAt - 1] = (fields.data << 3) | WIRE_TYPE_LENGTH_DELIMITED;
  writeVarint(buffer, lengthAt, dataBytes);
  return buffer.subarray(start, FRAME_HEADROOM_BYTES + dataBytes);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

function writeVarint(buffer: Buffer, at: number, value: number): void {
  let rest = value;
  let position = at;
  while (rest > 0x7f) {
    buffer[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[position] = rest;
}
