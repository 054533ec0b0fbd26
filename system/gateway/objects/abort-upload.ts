import { openUpload, type UploadTarget } from './find-upload.ts';
import type { ObjectsDeps } from './objects.ts';
import { Refused } from './refused.ts';

/** Gives an upload up, and its parts with it. Throws Refused. */
export async function abortUpload(deps: ObjectsDeps, target: UploadTarget): Promise<void> {
  await openUpload(deps.metadata, target);
  await deps.failpoints.reach('s3.abort.before-commit');
  const wasThere = await deps.metadata.abortUpload(target.bucketName, target.key, target.uploadId);
  await deps.failpoints.reach('s3.abort.after-commit');
  if (!wasThere) throw new Refused('no-upload');
  deps.onDeletionsQueued();
}
