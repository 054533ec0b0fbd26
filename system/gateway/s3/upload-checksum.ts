import {
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumAlgorithms,
  multipartChecksumType,
  parseChecksumAlgorithm,
} from '../objects/checksums/checksum-algorithms.ts';
import { S3Error } from './errors.ts';

/** The checksum that x-amz-checksum-algorithm asks a copy or an upload to have. Throws InvalidRequest. */
export function askedAlgorithm(headers: ReadonlyMap<string, string>): ChecksumAlgorithm | undefined {
  const name = headers.get('x-amz-checksum-algorithm');
  if (name === undefined) return undefined;
  const algorithm = parseChecksumAlgorithm(name);
  if (algorithm !== undefined) return algorithm;
  const types = checksumAlgorithms.join(', ');
  throw new S3Error(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${types}]`,
  );
}

/** The checksum that an upload is to have, with AWS's default of the type. Throws InvalidRequest. */
export function uploadChecksum(headers: ReadonlyMap<string, string>): {
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
  readonly checksumType: ChecksumType | undefined;
} {
  const checksumAlgorithm = askedAlgorithm(headers);
  const asked = askedType(headers);
  if (checksumAlgorithm === undefined) {
    if (asked === undefined) return { checksumAlgorithm, checksumType: undefined };
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const checksumType = multipartChecksumType(checksumAlgorithm, asked);
  if (checksumType !== undefined) return { checksumAlgorithm, checksumType };
  throw new S3Error(
    'InvalidRequest',
    `The ${asked} checksum type cannot be used with the ${checksumAlgorithm.toLowerCase()} checksum algorithm.`,
  );
}

/** Throws InvalidRequest. */
export function askedType(headers: ReadonlyMap<string, string>): ChecksumType | undefined {
  const type = headers.get('x-amz-checksum-type')?.toUpperCase();
  if (type === undefined || type === 'COMPOSITE' || type === 'FULL_OBJECT') return type;
  throw new S3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
}

/** Of a checksum that came where the upload has another, or none where it needs one. */
export function checksumMismatch(expected: ChecksumAlgorithm, actual: ChecksumAlgorithm | undefined): S3Error {
  const is = actual?.toLowerCase() ?? 'null';
  return new S3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${is}`,
  );
}
