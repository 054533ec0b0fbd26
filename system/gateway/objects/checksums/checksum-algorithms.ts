/** The checksums that S3 clients may ask for beside MD5, and what S3 lets them be. */
export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;

export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** COMPOSITE: the checksum of the parts' checksums. FULL_OBJECT: of the content, however it was uploaded. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

/** What can be made out of the checksums of parts: only CRCs can be combined into one of the whole. */
export type CrcAlgorithm = Exclude<ChecksumAlgorithm, 'SHA1' | 'SHA256'>;

export const checksumBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** What an object gets when nothing is said. */
export const defaultChecksumAlgorithm: ChecksumAlgorithm = 'CRC64NVME';

/**
 * Of multipart uploads, the default first. A plain upload is always FULL_OBJECT.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
const multipartTypes: Readonly<Record<ChecksumAlgorithm, readonly [ChecksumType, ...ChecksumType[]]>> = {
  CRC32: ['COMPOSITE', 'FULL_OBJECT'],
  CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
  CRC64NVME: ['FULL_OBJECT'],
  SHA1: ['COMPOSITE'],
  SHA256: ['COMPOSITE'],
};

/** The type of a multipart upload's checksum; undefined when the one that was asked for does not exist. */
export function multipartChecksumType(algorithm: ChecksumAlgorithm, asked?: ChecksumType): ChecksumType | undefined {
  const [byDefault, ...others] = multipartTypes[algorithm];
  return asked === undefined || asked === byDefault ? byDefault : others.find((type) => type === asked);
}

export function isCrc(algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm {
  return algorithm.startsWith('CRC');
}

/** Names are written in any case: headers in lower case, values mostly in upper. */
export function parseChecksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  const upperCase = name.toUpperCase();
  return checksumAlgorithms.find((algorithm) => algorithm === upperCase);
}

/** Whether a value could be the checksum of something: base64 of as many bytes as the algorithm gives. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  // Node skips what is no base64; what it read, written again, shows whether it skipped anything.
  return bytes.length === checksumBytes[algorithm] && bytes.toString('base64') === value;
}
