import type { ChecksumAlgorithm } from '../objects/checksums/checksum-algorithms.ts';
import { PART_BYTES_MAX } from '../objects/completion.ts';
import { openUpload } from '../objects/find-upload.ts';
import type { MultipartUpload } from '../objects/object-ports.ts';
import { storePart } from '../objects/store-part.ts';
import { checksumHeaders } from './checksum-answer.ts';
import { S3Error } from './errors.ts';
import { partTarget } from './multipart-target.ts';
import type { Operation, S3Call } from './operation.ts';
import { checksumMismatch } from './upload-checksum.ts';

export const uploadPart: Operation = async ({ metadata, objects }, call) => {
  const { body, signal } = call;
  const target = partTarget(call);
  const declaredBytes = partBytes(call);
  const upload = await openUpload(metadata, target);
  checkAlgorithm(upload, body.expected.checksum?.algorithm);
  const stream = body.stream({ md5: true, checksum: upload.checksumAlgorithm });
  const digests = () => {
    const { md5 = '', checksum } = stream.digests();
    return { etag: md5, checksum };
  };
  const part = await storePart(objects, target, declaredBytes, { bytes: stream.bytes, digests }, signal);
  return { status: 200, headers: { etag: `"${part.etag}"`, ...checksumHeaders(part.checksum) } };
};

function partBytes({ body }: S3Call): number {
  const bytes = body.declaredBytes;
  if (bytes === undefined) throw new S3Error('MissingContentLength');
  if (bytes <= PART_BYTES_MAX) return bytes;
  throw new S3Error('EntityTooLarge', undefined, {
    ProposedSize: String(bytes),
    MaxSizeAllowed: String(PART_BYTES_MAX),
  });
}

/** What is computed when the client promises none is enough for the whole object, but no proof of the part to the client. */
function checkAlgorithm(upload: MultipartUpload, promised: ChecksumAlgorithm | undefined): void {
  const { checksumAlgorithm: expected, checksumType } = upload;
  if (expected === undefined || promised === expected) return;
  if (promised === undefined && checksumType === 'FULL_OBJECT') return;
  throw checksumMismatch(expected, promised);
}
