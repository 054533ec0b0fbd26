import type { CompleteMultipartUploadCommandOutput, S3 } from '@aws-sdk/client-s3';

/** An object of several parts, one after the other. */
export async function putInParts(
  s3: S3,
  place: { readonly Bucket: string; readonly Key: string },
  parts: readonly Uint8Array[],
): Promise<CompleteMultipartUploadCommandOutput> {
  const { UploadId } = await s3.createMultipartUpload(place);
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const { ETag } = await s3.uploadPart({ ...place, UploadId, PartNumber: index + 1, Body });
    Parts.push({ PartNumber: index + 1, ETag });
  }
  return s3.completeMultipartUpload({ ...place, UploadId, MultipartUpload: { Parts } });
}
