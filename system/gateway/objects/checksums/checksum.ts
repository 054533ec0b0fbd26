/** See https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

/** Over the checksums of the parts, or over all bytes. */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';
