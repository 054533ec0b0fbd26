import type { Random } from '../../common/random.ts';
import { Refused } from '../objects/refused.ts';
import { readAttributes } from './object-attributes.ts';
import type { Operation } from './operation.ts';
import { uploadChecksum } from './upload-checksum.ts';
import { xmlDocument, xmlText } from './xml/write-xml.ts';

export const createMultipartUpload: Operation = async ({ metadata, random }, call) => {
  const { bucketName, key, account, headers } = call;
  const attributes = readAttributes(headers);
  const checksum = uploadChecksum(headers);
  const { checksumAlgorithm, checksumType } = checksum;
  const uploadId = newUploadId(random);
  const target = { bucketName, key, accountId: account.accountId };
  const created = await metadata.createUpload(target, { uploadId, attributes, ...checksum });
  if ('refused' in created) throw new Refused(created.refused);
  return {
    status: 200,
    headers: {
      ...(checksumAlgorithm !== undefined && { 'x-amz-checksum-algorithm': checksumAlgorithm }),
      ...(checksumType !== undefined && { 'x-amz-checksum-type': checksumType }),
    },
    body: {
      xml: xmlDocument('InitiateMultipartUploadResult', [
        xmlText('Bucket', bucketName),
        xmlText('Key', key),
        xmlText('UploadId', uploadId),
      ]),
    },
  };
};

/** Nobody can guess it, and nobody needs to write it in a special way in a query. */
function newUploadId(random: Random): string {
  return `${random.uuid()}${random.uuid()}`.replaceAll('-', '');
}
