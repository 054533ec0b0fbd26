import { ownBucket } from '../objects/find-object.ts';
import type { Bucket } from '../objects/object-ports.ts';
import type { S3Call, S3Deps } from './operation.ts';

/** The bucket of a request. Throws Refused when there is none, or it is somebody else's. */
export async function bucketOf({ metadata }: Pick<S3Deps, 'metadata'>, call: S3Call): Promise<Bucket> {
  return ownBucket(await metadata.bucket(call.bucketName), call.account.accountId);
}
