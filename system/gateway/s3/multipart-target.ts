import { PART_NUMBER_MAX } from '../objects/completion.ts';
import type { UploadTarget } from '../objects/find-upload.ts';
import type { PartTarget } from '../objects/store-part.ts';
import { S3Error } from './errors.ts';
import type { S3Call } from './operation.ts';

/** The upload that a request is about. No upload has the empty id, which stands for what cannot be looked up. */
export function uploadTarget({ bucketName, key, account, query }: S3Call): UploadTarget {
  const uploadId = query.get('uploadId') ?? '';
  return { bucketName, key, accountId: account.accountId, uploadId: uploadId.includes('\0') ? '' : uploadId };
}

/** And the part. Throws InvalidArgument. */
export function partTarget(call: S3Call): PartTarget {
  const text = call.query.get('partNumber') ?? '';
  const partNumber = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (partNumber >= 1 && partNumber <= PART_NUMBER_MAX) return { ...uploadTarget(call), partNumber };
  throw new S3Error('InvalidArgument', `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`, {
    ArgumentName: 'partNumber',
    ArgumentValue: text,
  });
}
