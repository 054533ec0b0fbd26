import { createHash } from 'node:crypto';
import { GiB, MiB } from '../../common/bytes.ts';
import { type ChecksumAlgorithm, type ChecksumType, isCrc } from './checksums/checksum-algorithms.ts';
import { combineChecksums, compositeChecksum } from './checksums/multipart-checksum.ts';
import type { MultipartUpload, ObjectChecksum, UploadedPart } from './object-ports.ts';

/** Of every part but the last. */
export const PART_BYTES_MIN = 5 * MiB;
export const PART_BYTES_MAX = 5 * GiB;
export const PART_NUMBER_MAX = 10_000;
const OBJECT_BYTES_MAX = 5 * 1024 * GiB;

export interface ChecksumValue {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

/** What a client says of a part, when it names those that become the object. */
export interface ClaimedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum: ChecksumValue | undefined;
}

/** What a client says of the object that is to be completed. */
export interface CompletionClaim {
  readonly parts: readonly ClaimedPart[];
  readonly checksum: ChecksumValue | undefined;
  readonly checksumType: ChecksumType | undefined;
  readonly sizeBytes: number | undefined;
}

/** The object that the parts make. */
export interface Completion {
  readonly parts: readonly UploadedPart[];
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: ObjectChecksum | undefined;
}

/** Why the parts that were named make no object. */
export type CompletionProblem =
  | { readonly problem: 'not-ascending' }
  /** It was not uploaded, or is another than the client thinks. */
  | { readonly problem: 'no-such-part'; readonly part: ClaimedPart }
  | { readonly problem: 'part-too-small'; readonly part: UploadedPart }
  | { readonly problem: 'too-large'; readonly sizeBytes: number }
  | { readonly problem: 'size-differs'; readonly sizeBytes: number }
  /** An upload with a composite checksum wants to be told each part's. */
  | { readonly problem: 'part-checksum-missing'; readonly partNumber: number; readonly algorithm: ChecksumAlgorithm }
  | { readonly problem: 'checksum-differs'; readonly algorithm: ChecksumAlgorithm }
  | { readonly problem: 'another-type'; readonly expected: ChecksumType }
  | {
      readonly problem: 'another-algorithm';
      readonly expected: ChecksumAlgorithm;
      readonly claimed: ChecksumAlgorithm;
    };

type UploadChecksum = Pick<MultipartUpload, 'checksumAlgorithm' | 'checksumType'>;

/** Decides what the parts that a client names make of those that were uploaded. Pure; one look at each part. */
export function planCompletion(
  upload: UploadChecksum,
  claim: CompletionClaim,
  uploaded: readonly UploadedPart[],
): Completion | CompletionProblem {
  if (!isAscending(claim.parts)) return { problem: 'not-ascending' };
  const wrongClaim = checkClaimedChecksums(upload, claim);
  if (wrongClaim !== undefined) return wrongClaim;
  const byNumber = new Map(uploaded.map((part) => [part.partNumber, part]));
  const parts: UploadedPart[] = [];
  for (const part of claim.parts) {
    const found = byNumber.get(part.partNumber);
    if (found === undefined || !isThatPart(found, part)) return { problem: 'no-such-part', part };
    parts.push(found);
  }
  const small = parts.slice(0, -1).find((part) => part.sizeBytes < PART_BYTES_MIN);
  if (small !== undefined) return { problem: 'part-too-small', part: small };
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (sizeBytes > OBJECT_BYTES_MAX) return { problem: 'too-large', sizeBytes };
  if (claim.sizeBytes !== undefined && claim.sizeBytes !== sizeBytes) return { problem: 'size-differs', sizeBytes };
  const checksum = checksumOf(upload, parts);
  if (checksum !== undefined && isRefuted(claim.checksum, checksum.value)) {
    return { problem: 'checksum-differs', algorithm: checksum.algorithm };
  }
  return { parts, sizeBytes, etag: multipartEtag(parts), checksum };
}

/** The MD5 of the parts' MD5s, and how many they are. */
export function multipartEtag(parts: readonly Pick<UploadedPart, 'etag'>[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function isAscending(parts: readonly ClaimedPart[]): boolean {
  return parts.every(({ partNumber }, index) => partNumber > (parts[index - 1]?.partNumber ?? 0));
}

/**
 * What is wrong with the claim whatever was uploaded. AWS holds a composite checksum to those of the parts as they are
 * claimed, before it looks whether they are right.
 */
function checkClaimedChecksums(
  { checksumAlgorithm: algorithm, checksumType }: UploadChecksum,
  { parts, checksum, checksumType: claimedType }: CompletionClaim,
): CompletionProblem | undefined {
  // Without an algorithm the object has no checksum, whatever the client computed for itself.
  if (algorithm === undefined || checksumType === undefined) return undefined;
  if (claimedType !== undefined && claimedType !== checksumType) {
    return { problem: 'another-type', expected: checksumType };
  }
  if (checksum !== undefined && checksum.algorithm !== algorithm) {
    return { problem: 'another-algorithm', expected: algorithm, claimed: checksum.algorithm };
  }
  if (checksumType === 'FULL_OBJECT') return undefined;
  const values: string[] = [];
  for (const { partNumber, checksum: ofPart } of parts) {
    if (ofPart === undefined) return { problem: 'part-checksum-missing', partNumber, algorithm };
    if (ofPart.algorithm !== algorithm) return undefined;
    values.push(ofPart.value);
  }
  return isRefuted(checksum, compositeChecksum(algorithm, values))
    ? { problem: 'checksum-differs', algorithm }
    : undefined;
}

function isThatPart(found: UploadedPart, claimed: ClaimedPart): boolean {
  if (claimed.etag !== found.etag) return false;
  const { checksum } = claimed;
  if (checksum === undefined) return true;
  return checksum.algorithm === found.checksum?.algorithm && checksum.value === found.checksum.value;
}

/** Clients claim a composite checksum with the number of parts behind it, or without. */
function isRefuted(claimed: ChecksumValue | undefined, value: string): boolean {
  return claimed !== undefined && claimed.value !== value && claimed.value !== value.replace(/-\d+$/, '');
}

function checksumOf(
  { checksumAlgorithm: algorithm, checksumType: type }: UploadChecksum,
  parts: readonly UploadedPart[],
): ObjectChecksum | undefined {
  if (algorithm === undefined || type === undefined) return undefined;
  const sums = parts.flatMap(({ checksum, sizeBytes }) =>
    checksum?.algorithm === algorithm ? [{ value: checksum.value, bytes: sizeBytes }] : [],
  );
  // Every part of such an upload was stored with its checksum.
  if (sums.length < parts.length) return undefined;
  if (type === 'FULL_OBJECT') {
    return isCrc(algorithm) ? { algorithm, type, value: combineChecksums(algorithm, sums) } : undefined;
  }
  const values = sums.map(({ value }) => value);
  return { algorithm, type, value: compositeChecksum(algorithm, values) };
}
