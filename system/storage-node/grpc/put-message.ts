import { crc32c } from '@node-rs/crc32';
import { PutChunkRequest } from '../../../proto/gen/storage.ts';
import { ChunkError } from '../chunks/chunk-error.ts';

/** Number of the field `data` in PutChunkRequest. */
const DATA_FIELD = 2;
/** Everything of a message but its data: an id, a checksum, a few numbers. */
const OTHER_FIELDS_BYTES_MAX = 4096;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Reads one PutChunkRequest as its bytes arrive, so that the data need not be put together first: each piece of it is
 * handed on as it is, the other fields are kept and read by the generated codec in the end. All methods throw ChunkError
 * InvalidRequest for what is not a message.
 */
export class PutMessage {
  readonly #take: (data: Buffer) => Promise<void> | undefined;
  /** All fields but the data, as they came. */
  readonly #others = Buffer.alloc(OTHER_FIELDS_BYTES_MAX);
  #othersBytes = 0;
  /** Where in #others the field at hand begins: the tag of the data is taken out again. */
  #fieldStart = 0;
  #expect: 'tag' | 'varint' | 'length' | 'bytes' | 'data' = 'tag';
  #number = 0;
  #shift = 0;
  #field = 0;
  #left = 0;
  #dataCrc = 0;
  #hasData = false;

  constructor(take: (data: Buffer) => Promise<void> | undefined) {
    this.#take = take;
  }

  begin(): void {
    this.#othersBytes = 0;
    this.#expectTag();
    this.#dataCrc = 0;
    this.#hasData = false;
  }

  /** Resolves when all data in `bytes` has been taken; undefined when it already has. */
  piece(bytes: Buffer): Promise<void> | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#expect === 'data' || this.#expect === 'bytes') {
        const part = bytes.subarray(at, at + this.#left);
        at += part.length;
        this.#left -= part.length;
        const taken = this.#expect === 'data' ? this.#takeData(part) : this.#keep(part);
        if (this.#left === 0) this.#expectTag();
        if (taken) return taken.then(() => this.piece(bytes.subarray(at)));
      } else {
        this.#keep(bytes.subarray(at, at + 1));
        this.#varintByte(bytes[at++] as number);
      }
    }
    return undefined;
  }

  /** As far as it has been read, for whoever is handed the data; empty: it may follow. */
  get chunkId(): string {
    return this.#decoded().chunkId;
  }

  /** The message is complete. Its data has been handed on already: the one in the result is empty, its CRC was checked. */
  end(): PutChunkRequest {
    if (this.#expect !== 'tag' || this.#shift !== 0) throw malformed();
    const message = this.#decoded();
    checkCrc(message, this.#dataCrc);
    return message;
  }

  /** Of whole fields. */
  #decoded(): PutChunkRequest {
    return decodePutChunk(Buffer.from(this.#others.subarray(0, this.#othersBytes)));
  }

  #takeData(part: Buffer): Promise<void> | undefined {
    this.#dataCrc = crc32c(part, this.#dataCrc);
    return this.#take(part);
  }

  #keep(part: Buffer): undefined {
    if (this.#othersBytes + part.length > OTHER_FIELDS_BYTES_MAX) throw malformed();
    this.#othersBytes += part.copy(this.#others, this.#othersBytes);
  }

  #expectTag(): void {
    this.#expect = 'tag';
    this.#fieldStart = this.#othersBytes;
    this.#number = 0;
    this.#shift = 0;
  }

  /** Numbers beyond 32 bits need not be exact: no length and no field number has so many. */
  #varintByte(byte: number): void {
    if (this.#shift > 63) throw malformed();
    this.#number += (byte & 0x7f) * 2 ** this.#shift;
    this.#shift += 7;
    if ((byte & 0x80) !== 0) return;
    const number = this.#number;
    const expected = this.#expect;
    this.#number = 0;
    this.#shift = 0;
    if (expected === 'tag') this.#begun(number);
    else if (expected === 'length') this.#measured(number);
    else this.#expectTag();
  }

  #begun(tag: number): void {
    this.#field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === VARINT) this.#expect = 'varint';
    else if (wireType === LENGTH_DELIMITED) this.#expect = 'length';
    else if (wireType === FIXED64) this.#expectBytes(8);
    else if (wireType === FIXED32) this.#expectBytes(4);
    else throw malformed();
  }

  #measured(bytes: number): void {
    if (this.#field !== DATA_FIELD) {
      if (bytes === 0) this.#expectTag();
      else this.#expectBytes(bytes);
      return;
    }
    // Of a field that occurs twice the last one counts; but the first has been handed on.
    if (this.#hasData) throw malformed();
    this.#hasData = true;
    this.#othersBytes = this.#fieldStart;
    this.#expect = 'data';
    this.#left = bytes;
    if (bytes === 0) this.#expectTag();
  }

  #expectBytes(bytes: number): void {
    this.#expect = 'bytes';
    this.#left = bytes;
  }
}

/** Decodes a whole message. Throws ChunkError InvalidRequest. */
function decodePutChunk(bytes: Buffer): PutChunkRequest {
  try {
    return PutChunkRequest.decode(bytes);
  } catch {
    throw malformed();
  }
}

/** Throws ChunkError CorruptedInTransit. */
function checkCrc({ dataCrc32c }: PutChunkRequest, dataCrc: number): void {
  if (dataCrc32c === undefined || dataCrc32c === dataCrc) return;
  throw new ChunkError('CorruptedInTransit', 'the data of a message does not match its data_crc32c');
}

function malformed(): ChunkError {
  return new ChunkError('InvalidRequest', 'a message is not a PutChunkRequest');
}
