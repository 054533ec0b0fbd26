import { ownBucket } from './find-object.ts';
import type { KeyTarget, MultipartUpload, MultipartUploads, Refusal, StoredVersion } from './object-ports.ts';
import { Refused } from './refused.ts';

/** Names an upload. */
export interface UploadTarget extends KeyTarget {
  readonly uploadId: string;
}

type UploadState =
  | { readonly upload: MultipartUpload; readonly completed: undefined }
  | { readonly upload: undefined; readonly completed: StoredVersion };

/** An upload, under way or completed not long ago, for the owner of its bucket. Throws Refused. */
export async function findUpload(
  metadata: Pick<MultipartUploads, 'upload'>,
  { bucketName, key, accountId, uploadId }: UploadTarget,
): Promise<UploadState> {
  const { bucket, upload, completed } = await metadata.upload(bucketName, key, uploadId);
  ownBucket(bucket, accountId);
  if (completed !== undefined) return { upload: undefined, completed };
  if (upload === undefined) throw new Refused('no-upload');
  return { upload, completed };
}

/** An upload that parts can be added to. Throws Refused. */
export async function openUpload(
  metadata: Pick<MultipartUploads, 'upload'>,
  target: UploadTarget,
): Promise<MultipartUpload> {
  const { upload } = await findUpload(metadata, target);
  if (upload === undefined) throw new Refused('no-upload');
  return upload;
}

/** What is gone, where an upload was to be changed, is the upload. */
export function uploadRefused(refusal: Refusal): Refused {
  return new Refused(refusal === 'source-gone' ? 'no-upload' : refusal);
}
