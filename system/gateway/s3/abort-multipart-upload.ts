import { abortUpload } from '../objects/abort-upload.ts';
import { uploadTarget } from './multipart-target.ts';
import type { Operation } from './operation.ts';

export const abortMultipartUpload: Operation = async ({ objects }, call) => {
  await abortUpload(objects, uploadTarget(call));
  return { status: 204 };
};
