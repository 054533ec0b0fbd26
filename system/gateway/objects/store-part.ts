import type { ByteRange } from './byte-range.ts';
import type { ChecksumAlgorithm } from './checksums/checksum-algorithms.ts';
import type { ChecksumValue } from './completion.ts';
import { ContentDigests } from './content-digests.ts';
import { type UploadTarget, uploadRefused } from './find-upload.ts';
import type { UploadedPart } from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import type { Commit } from './ports.ts';
import type { OpenFile } from './read-file.ts';
import { storeContent } from './store-content.ts';

export interface PartTarget extends UploadTarget {
  readonly partNumber: number;
}

/** The bytes of a part, verified when they end, and what was computed of them on the way. */
export interface PartBody {
  readonly bytes: AsyncIterable<Buffer>;
  /** To be called after the last byte. */
  digests(): { readonly etag: string; readonly checksum: ChecksumValue | undefined };
}

export type StoredPart = Pick<UploadedPart, 'etag' | 'checksum' | 'lastModified'>;

/**
 * Stores the bytes as a part of an upload, in place of one of that number that was there. Throws Refused, what storeFile
 * throws, and whatever reading the body throws.
 */
export function storePart(
  deps: ObjectsDeps,
  { uploadId, partNumber }: PartTarget,
  declaredBytes: number,
  body: PartBody,
  signal: AbortSignal,
): Promise<StoredPart> {
  const commit = async (written: Commit) => {
    const { fileId, sizeBytes } = written;
    const part = { partNumber, fileId, sizeBytes, ...body.digests() };
    await deps.failpoints.reach('s3.part.before-commit');
    const stored = await deps.metadata.putPart(uploadId, part, written);
    await deps.failpoints.reach('s3.part.after-commit');
    if (stored === undefined) return undefined;
    if ('refused' in stored) throw uploadRefused(stored.refused);
    if (stored.freedSpace) deps.onDeletionsQueued();
    return { etag: part.etag, checksum: part.checksum, lastModified: stored.lastModified };
  };
  return storeContent(deps, { bytes: body.bytes, declaredBytes }, commit, signal);
}

/**
 * Makes a range of a version a part of an upload without moving a byte. `undefined` when that cannot be: then it has to be
 * copied. Throws Refused.
 */
export async function sharePart(
  deps: ObjectsDeps,
  { uploadId, partNumber }: PartTarget,
  sourceVersionUid: string,
  range: ByteRange,
): Promise<StoredPart | undefined> {
  await deps.failpoints.reach('s3.part.before-commit');
  const shared = await deps.metadata.sharePart(uploadId, partNumber, sourceVersionUid, range);
  await deps.failpoints.reach('s3.part.after-commit');
  if (shared === undefined) return undefined;
  if ('refused' in shared) throw uploadRefused(shared.refused);
  if (shared.freedSpace) deps.onDeletionsQueued();
  return shared.part;
}

/** Stores what is read of an object as a part of an upload, with the checksum that the upload wants. Closes it. */
export async function copyPart(
  deps: ObjectsDeps,
  target: PartTarget,
  source: { readonly open: OpenFile; readonly bytes: number },
  algorithm: ChecksumAlgorithm | undefined,
  signal: AbortSignal,
): Promise<StoredPart> {
  using open = source.open;
  const digests = new ContentDigests(algorithm);
  const bytes = digested(open.bytes(), digests);
  return await storePart(deps, target, source.bytes, { bytes, digests: () => digests.digests() }, signal);
}

async function* digested(bytes: AsyncIterable<Buffer>, digests: ContentDigests): AsyncGenerator<Buffer> {
  for await (const piece of bytes) {
    digests.update(piece);
    yield piece;
  }
}
