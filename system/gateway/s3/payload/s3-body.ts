import type { ChecksumAlgorithm } from '../../objects/checksums/checksum-algorithms.ts';
import type { ExpectedDigests } from './expected-digests.ts';

/** The body of a request. Nothing is read, and `100 Continue` is not sent, before one of these is called; one, once. */
export interface S3Body {
  /** Of the decoded body. Undefined when the request says neither Content-Length nor x-amz-decoded-content-length. */
  readonly declaredBytes: number | undefined;
  /** What the client promised of it. */
  readonly expected: ExpectedDigests;
  /** Whole, and verified in every way that was promised. Throws S3Error MaxMessageLengthExceeded beyond `bytesMax`. */
  read(bytesMax: number): Promise<Buffer>;
  /** Verified before it ends: who commits after its end commits what the client meant. */
  stream(want: { readonly md5: boolean; readonly checksum?: ChecksumAlgorithm | undefined }): VerifiedStream;
}

export interface VerifiedStream {
  readonly bytes: AsyncIterable<Buffer>;
  /** To be called after the last byte, once. */
  digests(): BodyDigest;
}

export interface BodyDigest {
  /** In hexadecimal; undefined unless it was wanted or promised. */
  readonly md5: string | undefined;
  /** What the client promised, or else what was wanted. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}
