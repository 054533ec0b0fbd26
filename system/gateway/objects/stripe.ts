import { MiB } from '../../common/bytes.ts';
import { CHUNKS_PER_FILE } from './ports.ts';

/**
 * Where each byte of a file lies. Unit i of `unitBytes` bytes goes to chunk i mod 6, so all six chunks grow
 * together: six nodes write and read at once, and a stream of unknown length needs no spooling.
 */

/** The largest stripe unit, and the unit of a file whose size is not known beforehand. */
export const UNIT_BYTES_MAX = 1 * MiB;
/** A file of undeclared size that ends within this is cut as if its size had been declared. */
export const STRIPE_BYTES_MAX = CHUNKS_PER_FILE * UNIT_BYTES_MAX;

/** The unit that makes the six chunks of a file of `sizeBytes` equal to within as many bytes as there are stripes. */
export function unitBytesFor(sizeBytes: number): number {
  const stripes = Math.max(1, Math.ceil(sizeBytes / STRIPE_BYTES_MAX));
  return Math.max(1, Math.ceil(sizeBytes / (CHUNKS_PER_FILE * stripes)));
}

/** How many of the file's first `fileBytes` bytes lie in chunk `chunkNumber`; for the whole file, the chunk's size. */
export function bytesInChunk(fileBytes: number, unitBytes: number, chunkNumber: number): number {
  const wholeUnits = Math.floor(fileBytes / unitBytes);
  const unitsHere = Math.floor((wholeUnits + CHUNKS_PER_FILE - 1 - chunkNumber) / CHUNKS_PER_FILE);
  const rest = wholeUnits % CHUNKS_PER_FILE === chunkNumber ? fileBytes % unitBytes : 0;
  return unitsHere * unitBytes + rest;
}

export interface UnitPiece {
  readonly chunkNumber: number;
  readonly bytes: number;
}

/** The file's bytes from `start` up to `end`, unit by unit, in the order of the file. */
export function* piecesOf(start: number, end: number, unitBytes: number): Generator<UnitPiece> {
  let at = start;
  while (at < end) {
    const unit = Math.floor(at / unitBytes);
    const bytes = Math.min((unit + 1) * unitBytes, end) - at;
    yield { chunkNumber: unit % CHUNKS_PER_FILE, bytes };
    at += bytes;
  }
}
