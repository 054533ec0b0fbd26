import type { ChecksumAlgorithm } from './checksums/checksum-algorithms.ts';
import { ContentDigests } from './content-digests.ts';
import { type FoundObject, findObject } from './find-object.ts';
import { lookAgain, overtaken } from './look-again.ts';
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
  const look = () => findObject(deps.metadata, source, source.versionId, source.isRead ? 'content' : 'head');
  return lookAgain(look, async (found) => {
    const { version, attributes, checksum: algorithm } = plan(found);
    const checksum = await checksumOf(deps, version, found.content, algorithm, signal);
    const { sizeBytes, etag } = version;
    const nonce = versionNonce(deps);
    const put = { bucketName, key, accountId, attributes, sizeBytes, etag, checksum, conditions, nonce };
    await deps.failpoints.reach('s3.copy.before-commit');
    const stored = await deps.metadata.putCopy(put, version.versionUid);
    await deps.failpoints.reach('s3.copy.after-commit');
    if ('refused' in stored && stored.refused === 'source-gone') return overtaken;
    return { stored: accept(deps, stored), source: found };
  });
}

async function checksumOf(
  deps: ObjectsDeps,
  version: ObjectVersion,
  content: ObjectContent | undefined,
  algorithm: ChecksumAlgorithm | undefined,
  signal: AbortSignal,
): Promise<ObjectChecksum | undefined> {
  if (algorithm === undefined || content === undefined) return version.checksum;
  using open = await openObject(deps, version, content, { start: 0, end: version.sizeBytes }, signal);
  const digests = new ContentDigests(algorithm);
  for await (const piece of open.bytes()) digests.update(piece);
  const { checksum } = digests.digests();
  return checksum === undefined ? undefined : { ...checksum, type: 'FULL_OBJECT' };
}
