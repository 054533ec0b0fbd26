import { Refused } from '../objects/refused.ts';
import { S3Error } from './errors.ts';
import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket: Operation = async (deps, call) => {
  const { bucketId } = await bucketOf(deps, call);
  const outcome = await deps.metadata.deleteBucket(bucketId);
  if (outcome === 'absent') throw new Refused('no-bucket');
  if (outcome === 'not-empty') throw new S3Error('BucketNotEmpty');
  // Uploads that were under way in it are given up with it.
  deps.objects.onDeletionsQueued();
  return { status: 204 };
};
