import { assert } from '../../common/assert.ts';
import { GiB } from '../../common/bytes.ts';
import { putObject as put } from '../objects/put-object.ts';
import { checksumHeaders } from './checksum-answer.ts';
import { S3Error } from './errors.ts';
import { readAttributes } from './object-attributes.ts';
import { keyTarget } from './object-target.ts';
import type { Operation } from './operation.ts';
import { versionIdHeader } from './version-id.ts';
import { writeConditions } from './write-conditions.ts';

/** The largest object of one PUT; larger ones are uploaded in parts. */
const PUT_BYTES_MAX = 5 * GiB;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: Operation = async ({ objects }, call) => {
  const { headers, body } = call;
  const { declaredBytes } = body;
  if (declaredBytes === undefined) throw new S3Error('MissingContentLength');
  if (declaredBytes > PUT_BYTES_MAX) {
    throw new S3Error('EntityTooLarge', undefined, {
      ProposedSize: String(declaredBytes),
      MaxSizeAllowed: String(PUT_BYTES_MAX),
    });
  }
  const request = {
    ...keyTarget(call),
    attributes: readAttributes(headers),
    conditions: writeConditions(headers),
    declaredBytes,
  };
  const openBody = () => {
    const { bytes, digests } = body.stream({ md5: true });
    return {
      bytes,
      digests: () => {
        const { md5, checksum } = digests();
        assert(md5 !== undefined, 'the MD5 of an object was not computed');
        return { etag: md5, checksum: checksum && { ...checksum, type: 'FULL_OBJECT' as const } };
      },
    };
  };
  const stored = await put(objects, request, openBody, call.signal);
  return {
    status: 200,
    headers: {
      etag: `"${stored.etag}"`,
      ...versionIdHeader(stored),
      ...checksumHeaders(stored.checksum),
    },
  };
};
