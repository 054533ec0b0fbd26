import type { Bucket, KeyTarget, ObjectContent, ObjectMetadata, ObjectVersion } from './object-ports.ts';
import { Refused } from './refused.ts';

/** What there is under a key: the version that was asked for, which may be a delete marker, or none. */
export interface FoundObject {
  readonly bucket: Bucket;
  readonly version: ObjectVersion | undefined;
  /** Of a version that is no delete marker, when it was asked for. */
  readonly content: ObjectContent | undefined;
}

/** Looks up a version for the owner of its bucket. Throws Refused when there is no such bucket, or it is another's. */
export async function findObject(
  metadata: Pick<ObjectMetadata, 'lookup'>,
  target: KeyTarget,
  versionId: string | undefined,
  want: 'head' | 'content',
): Promise<FoundObject> {
  const { bucket, version, content } = await metadata.lookup(target.bucketName, target.key, versionId, want);
  if (bucket === undefined) throw new Refused('no-bucket', target.bucketName);
  return { bucket: ownBucket(bucket, target.accountId), version, content };
}

/** Throws Refused. */
export function ownBucket(bucket: Bucket | undefined, accountId: string): Bucket {
  if (bucket === undefined) throw new Refused('no-bucket');
  if (bucket.owner.accountId !== accountId) throw new Refused('not-owner');
  return bucket;
}
