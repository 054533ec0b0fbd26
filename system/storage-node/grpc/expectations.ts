import type { PutChunkRequest } from '../../../proto/gen/storage.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import type { WrittenChunk } from '../chunks/chunk-writer.ts';

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** What the client says of the whole chunk, in whichever messages of the stream. All methods throw ChunkErrors. */
export class Expectations {
  sizeBytes: number | undefined;
  /** Lower-case hexadecimal. */
  sha256: string | undefined;
  #sizeFollows = false;

  learn({ totalSize, checksum, totalSizeFollows }: PutChunkRequest): void {
    this.#sizeFollows ||= totalSizeFollows === true;
    if (totalSize !== undefined) {
      if (!(totalSize >= 0)) throw new ChunkError('InvalidRequest', `total_size is ${totalSize}`);
      if (this.sizeBytes !== undefined && this.sizeBytes !== totalSize) throw contradiction('total_size');
      this.sizeBytes = totalSize;
    }
    if (checksum !== '') {
      const sha256 = checksum.toLowerCase();
      if (!SHA256_HEX.test(sha256)) {
        throw new ChunkError('InvalidRequest', 'checksum is not a SHA-256 in 64 hexadecimal digits');
      }
      if (this.sha256 !== undefined && this.sha256 !== sha256) throw contradiction('checksum');
      this.sha256 = sha256;
    }
  }

  /** So many bytes have come. */
  allow(receivedBytes: number): void {
    if (this.sizeBytes !== undefined && receivedBytes > this.sizeBytes) throw wrongSize(this.sizeBytes, 'more');
  }

  check({ sizeBytes, sha256 }: WrittenChunk): void {
    if (this.#sizeFollows && this.sizeBytes === undefined) {
      throw new ChunkError('InvalidRequest', 'the stream ended before the total_size that it announced');
    }
    if (this.sizeBytes !== undefined && sizeBytes !== this.sizeBytes) {
      throw wrongSize(this.sizeBytes, String(sizeBytes));
    }
    if (this.sha256 !== undefined && sha256.toString('hex') !== this.sha256) {
      throw new ChunkError('CorruptedInTransit', 'checksum mismatch: the bytes that came have another SHA-256');
    }
  }
}

function contradiction(field: string): ChunkError {
  return new ChunkError('InvalidRequest', `two messages of the stream differ in ${field}`);
}

function wrongSize(expected: number, found: string): ChunkError {
  return new ChunkError('InvalidRequest', `total_size is ${expected}, but ${found} bytes came`);
}
