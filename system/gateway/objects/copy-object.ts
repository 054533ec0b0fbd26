import type { ChecksumAlgorithm } from './checksums/checksum-algorithms.ts';
import { ContentDigests } from './content-digests.ts';
import { StoreError } from './errors.ts';
import { type FoundObject, findObject } from './find-object.ts';
import { isGone, unavailable } from './get-object.ts';
import type {
  KeyTarget,
  ObjectAttributes,
  ObjectChecksum,
  ObjectContent,
  ObjectVersion,
  StoredVersion,
  WriteConditions,
} from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import { accept, versionNonce } from './put-object.ts';
import { openObject } from './read-object.ts';

/** A look and a copy of what it found; each may be overtaken by a writer, but hardly so often one after the other. */
const ATTEMPTS = 4;

export interface CopySource extends KeyTarget {
  readonly versionId: string | undefined;
  /** Whether the plan may ask for a checksum that is computed from the bytes. */
  readonly isRead: boolean;
}

/** What the copy is to be, of the version that was found. */
export interface CopyPlan {
  readonly version: ObjectVersion;
  readonly attributes: ObjectAttributes;
  /** To be computed from the bytes; undefined keeps the checksum that the source has, or none. */
  readonly checksum: ChecksumAlgorithm | undefined;
}

export interface Copied {
  readonly stored: StoredVersion;
  /** What was copied. */
  readonly source: FoundObject;
}

/**
 * Gives the content of a version a further name: no byte moves. `plan` decides on what is found, again each time that the
 * source is replaced in between. Throws Refused, what `plan` throws, and what openObject throws where bytes must be read.
 */
export async function copyObject(
  deps: ObjectsDeps,
  source: CopySource,
  target: KeyTarget & { readonly conditions: WriteConditions },
  plan: (found: FoundObject) => CopyPlan,
  signal: AbortSignal,
): Promise<Copied> {
  const { bucketName, key, accountId, conditions } = target;
  let missing: { readonly versionUid: string; readonly error: unknown } | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await findObject(deps.metadata, source, source.versionId, source.isRead ? 'content' : 'head');
    const { version, attributes, checksum: algorithm } = plan(found);
    if (missing?.versionUid === version.versionUid) throw unavailable(missing.error);
    const checksum = await checksumOf(deps, version, found.content, algorithm, signal);
    if (checksum !== undefined && 'error' in checksum) {
      missing = { versionUid: version.versionUid, error: checksum.error };
      continue;
    }
    const { sizeBytes, etag } = version;
    const nonce = versionNonce(deps);
    const put = { bucketName, key, accountId, attributes, sizeBytes, etag, checksum, conditions, nonce };
    await deps.failpoints.reach('s3.copy.before-commit');
    const stored = await deps.metadata.putCopy(put, version.versionUid);
    await deps.failpoints.reach('s3.copy.after-commit');
    if ('refused' in stored && stored.refused === 'source-gone') continue;
    return { stored: accept(deps, stored), source: found };
  }
  throw new StoreError('Overloaded', 'the source is replaced faster than it can be copied');
}

/** `error`: what isGone is true of. */
async function checksumOf(
  deps: ObjectsDeps,
  version: ObjectVersion,
  content: ObjectContent | undefined,
  algorithm: ChecksumAlgorithm | undefined,
  signal: AbortSignal,
): Promise<ObjectChecksum | undefined | { readonly error: unknown }> {
  if (algorithm === undefined || content === undefined) return version.checksum;
  try {
    using open = await openObject(deps, version, content, { start: 0, end: version.sizeBytes }, signal);
    const digests = new ContentDigests(algorithm);
    for await (const piece of open.bytes()) digests.update(piece);
    const { checksum } = digests.digests();
    return checksum === undefined ? undefined : { ...checksum, type: 'FULL_OBJECT' };
  } catch (error) {
    if (isGone(error)) return { error };
    throw error;
  }
}
