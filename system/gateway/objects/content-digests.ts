import { createHash } from 'node:crypto';
import type { ChecksumAlgorithm } from './checksums/checksum-algorithms.ts';
import { createChecksum } from './checksums/running-checksum.ts';
import type { ChecksumValue } from './completion.ts';

/** What is computed of bytes that the store reads itself, in place of what a client says of those that it sends. */
export class ContentDigests {
  readonly #md5 = createHash('md5');
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #checksum: ReturnType<typeof createChecksum> | undefined;

  constructor(algorithm: ChecksumAlgorithm | undefined) {
    this.#algorithm = algorithm;
    this.#checksum = algorithm === undefined ? undefined : createChecksum(algorithm);
  }

  update(data: Buffer): void {
    this.#md5.update(data);
    this.#checksum?.update(data);
  }

  /** To be called once, behind the last byte. */
  digests(): { readonly etag: string; readonly checksum: ChecksumValue | undefined } {
    const algorithm = this.#algorithm;
    const value = this.#checksum?.digest();
    const checksum = algorithm === undefined || value === undefined ? undefined : { algorithm, value };
    return { etag: this.#md5.digest('hex'), checksum };
  }
}
