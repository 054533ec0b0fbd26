import { checksumAlgorithms, isChecksumValue } from '../objects/checksums/checksum-algorithms.ts';
import { completeUpload } from '../objects/complete-upload.ts';
import type { ChecksumValue } from '../objects/completion.ts';
import { checksumXml } from './checksum-answer.ts';
import { COMPLETION_BYTES_MAX, readCompletion } from './completion-document.ts';
import { completionError } from './completion-problem.ts';
import { S3Error } from './errors.ts';
import { uploadTarget } from './multipart-target.ts';
import type { Operation } from './operation.ts';
import { checksumHeader } from './payload/expected-digests.ts';
import { askedType } from './upload-checksum.ts';
import { versionIdHeader } from './version-id.ts';
import { writeConditions } from './write-conditions.ts';
import { xmlDocument, xmlText } from './xml/write-xml.ts';

/**
 * Answered when it is done, with the status that it deserves: 10,000 parts take less time than clients wait, so there is
 * no need to send 200 ahead and an error after it.
 */
export const completeMultipartUpload: Operation = async ({ objects }, call) => {
  const { bucketName, key, headers, body } = call;
  const target = uploadTarget(call);
  const conditions = writeConditions(headers);
  const checksum = claimedChecksum(headers);
  const checksumType = askedType(headers);
  const sizeBytes = claimedSize(headers.get('x-amz-mp-object-size'));
  const parts = readCompletion(await body.read(COMPLETION_BYTES_MAX));
  const made = await completeUpload(objects, target, { parts, checksum, checksumType, sizeBytes }, conditions);
  if ('problem' in made) throw completionError(made, target.uploadId);
  return {
    status: 200,
    headers: versionIdHeader(made),
    body: {
      xml: xmlDocument('CompleteMultipartUploadResult', [
        xmlText('Location', location(headers.get('host') ?? '', bucketName, key)),
        xmlText('Bucket', bucketName),
        xmlText('Key', key),
        xmlText('ETag', `"${made.etag}"`),
        ...checksumXml(made.checksum),
      ]),
    },
  };
};

/** The checksum of the whole object; a composite one may have the number of parts behind it. Throws InvalidRequest. */
function claimedChecksum(headers: ReadonlyMap<string, string>): ChecksumValue | undefined {
  for (const algorithm of checksumAlgorithms) {
    const name = checksumHeader(algorithm);
    const value = headers.get(name);
    if (value === undefined) continue;
    if (isChecksumValue(algorithm, value.replace(/-\d+$/, ''))) return { algorithm, value };
    throw new S3Error('InvalidRequest', `Value for ${name} header is invalid.`);
  }
  return undefined;
}

function claimedSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new S3Error('InvalidRequest', 'Value for x-amz-mp-object-size header is invalid.');
}

function location(host: string, bucketName: string, key: string): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return host.startsWith(`${bucketName}.`) ? `http://${host}/${path}` : `http://${host}/${bucketName}/${path}`;
}
