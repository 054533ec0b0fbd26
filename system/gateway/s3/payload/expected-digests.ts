import {
  type ChecksumAlgorithm,
  isChecksumValue,
  parseChecksumAlgorithm,
} from '../../objects/checksums/checksum-algorithms.ts';
import { S3Error } from '../errors.ts';
import type { FoldedHeaders } from '../sigv4/signed-request.ts';

/** What a client promised about the content of a body before it sent it. */
export interface ExpectedDigests {
  /** In base64. */
  readonly md5: string | undefined;
  readonly checksum: ExpectedChecksum | undefined;
}

export interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64; undefined when it comes in a trailer behind the body. */
  readonly value: string | undefined;
}

const VALUE = 'x-amz-checksum-';
const SDK_ALGORITHM = 'x-amz-sdk-checksum-algorithm';
/** Headers that begin like those with values and say something else. */
const notValues = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type']);

/**
 * Reads Content-MD5, x-amz-checksum-*, x-amz-trailer and x-amz-sdk-checksum-algorithm.
 * Throws InvalidDigest for a Content-MD5 that is none, and InvalidRequest, in the words of AWS, for the others.
 */
export function expectedDigests(headers: FoldedHeaders): ExpectedDigests {
  const md5 = headers.get('content-md5');
  if (md5 !== undefined && !isMd5(md5)) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.', { 'Content-MD5': md5 });
  }
  const checksum = expectedChecksum(headers);
  checkSdkAlgorithm(headers.get(SDK_ALGORITHM), checksum);
  return { md5, checksum };
}

/** The name of the header, or trailer, that carries a checksum. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `${VALUE}${algorithm.toLowerCase()}`;
}

function expectedChecksum(headers: FoldedHeaders): ExpectedChecksum | undefined {
  const inHeaders = [...headers.keys()].filter((name) => name.startsWith(VALUE) && !notValues.has(name));
  const inTrailers = trailerNames(headers.get('x-amz-trailer'));
  if (inHeaders.length > 1 || inTrailers.length > 1) {
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const [header] = inHeaders;
  const [trailer] = inTrailers;
  if (header !== undefined && trailer !== undefined) throw invalid('Expecting a single x-amz-checksum- header');
  if (trailer !== undefined) return { algorithm: algorithmOf(trailer), value: undefined };
  if (header === undefined) return undefined;
  const algorithm = algorithmOf(header);
  const value = headers.get(header) ?? '';
  if (!isChecksumValue(algorithm, value)) throw invalid(`Value for ${header} header is invalid.`);
  return { algorithm, value };
}

/** A trailer can be nothing but a checksum. */
function trailerNames(list: string | undefined): string[] {
  const names = (list ?? '').split(',').map((name) => name.trim().toLowerCase());
  const given = names.filter((name) => name !== '');
  if (given.every((name) => name.startsWith(VALUE) && !notValues.has(name))) return given;
  throw invalid('The value specified in the x-amz-trailer header is not supported');
}

/** A checksum that cannot be verified is refused: to store the object would confirm it. */
function algorithmOf(name: string): ChecksumAlgorithm {
  const algorithm = parseChecksumAlgorithm(name.slice(VALUE.length));
  if (algorithm !== undefined) return algorithm;
  throw invalid('The algorithm type you specified in x-amz-checksum- header is invalid.');
}

function checkSdkAlgorithm(named: string | undefined, checksum: ExpectedChecksum | undefined): void {
  if (named === undefined) return;
  const algorithm = parseChecksumAlgorithm(named);
  if (algorithm !== undefined && checksum === undefined) {
    throw invalid(
      `${SDK_ALGORITHM} specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.`,
    );
  }
  if (algorithm === undefined || algorithm !== checksum?.algorithm) {
    throw invalid(`Value for ${SDK_ALGORITHM} header is invalid.`);
  }
}

function isMd5(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 16 && bytes.toString('base64') === text;
}

function invalid(sentence: string): S3Error {
  return new S3Error('InvalidRequest', sentence);
}
