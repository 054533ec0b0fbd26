import { createHash, type Hash } from 'node:crypto';
import { type ChecksumAlgorithm, isChecksumValue } from '../../objects/checksums/checksum-algorithms.ts';
import { createChecksum, type RunningChecksum } from '../../objects/checksums/running-checksum.ts';
import { S3Error } from '../errors.ts';
import { checksumHeader, type ExpectedDigests } from './expected-digests.ts';

/** What is wanted beside what was promised. */
export interface WantedDigests {
  /** The MD5, which is the ETag of plain uploads and of parts. */
  readonly md5: boolean;
  /** What to compute when the client promised no checksum. */
  readonly checksum?: ChecksumAlgorithm | undefined;
  /**
   * The `sha256` of a plain payload plan: the digest that decodePayload holds the same bytes to, so that it need not
   * be computed twice when it is the checksum too.
   */
  readonly signedSha256?: string | undefined;
}

export interface VerifiedDigests {
  readonly md5Hex: string | undefined;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

/** The digests of one body, each computed once, compared with what was promised once the body has ended. */
export class BodyDigests {
  readonly #expected: ExpectedDigests;
  readonly #md5: Hash | undefined;
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #checksum: Pick<RunningChecksum, 'digest'> | undefined;
  readonly #running: readonly { update(data: Buffer): unknown }[];

  constructor(expected: ExpectedDigests, wanted: WantedDigests = { md5: false }) {
    this.#expected = expected;
    this.#algorithm = expected.checksum?.algorithm ?? wanted.checksum;
    this.#md5 = wanted.md5 || expected.md5 !== undefined ? createHash('md5') : undefined;
    const { signedSha256 } = wanted;
    const isKnown = this.#algorithm === 'SHA256' && signedSha256 !== undefined;
    const checksum = this.#algorithm === undefined || isKnown ? undefined : createChecksum(this.#algorithm);
    this.#checksum = isKnown ? { digest: () => Buffer.from(signedSha256, 'hex').toString('base64') } : checksum;
    this.#running = [this.#md5, checksum].filter((running) => running !== undefined);
  }

  update(data: Buffer): void {
    for (const running of this.#running) running.update(data);
  }

  /**
   * To be called once, behind the last byte, and only after decodePayload has ended normally.
   * Throws BadDigest when a digest is not the promised one, MalformedTrailerError when the trailers are not those promised, and
   * InvalidRequest when the promised one is no checksum.
   */
  verify(trailers: ReadonlyMap<string, string>): VerifiedDigests {
    const promised = this.#promisedChecksum(trailers);
    const md5 = this.#md5?.digest();
    const { md5: expectedMd5 } = this.#expected;
    const md5Base64 = md5?.toString('base64');
    if (expectedMd5 !== undefined && md5Base64 !== expectedMd5) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
        ExpectedDigest: expectedMd5,
        CalculatedDigest: md5Base64 ?? '',
      });
    }
    return { md5Hex: md5?.toString('hex'), checksum: this.#verifyChecksum(promised) };
  }

  #verifyChecksum(promised: string | undefined): VerifiedDigests['checksum'] {
    const algorithm = this.#algorithm;
    const value = this.#checksum?.digest();
    if (algorithm === undefined || value === undefined) return undefined;
    if (promised === undefined || promised === value) return { algorithm, value };
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }

  #promisedChecksum(trailers: ReadonlyMap<string, string>): string | undefined {
    const { checksum } = this.#expected;
    const name =
      checksum === undefined || checksum.value !== undefined ? undefined : checksumHeader(checksum.algorithm);
    // The one that was named, and no other.
    const isAsNamed = name === undefined ? trailers.size === 0 : trailers.size === 1 && trailers.has(name);
    if (!isAsNamed) throw new S3Error('MalformedTrailerError');
    if (name === undefined || checksum === undefined) return checksum?.value;
    const value = trailers.get(name) ?? '';
    if (isChecksumValue(checksum.algorithm, value)) return value;
    throw new S3Error('InvalidRequest', `Value for ${name} trailing header is invalid.`);
  }
}
