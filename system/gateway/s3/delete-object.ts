import { assert } from '../../common/assert.ts';
import { deleteObjects } from '../objects/delete-objects.ts';
import { Refused } from '../objects/refused.ts';
import { versionIdOf } from './object-target.ts';
import type { Operation } from './operation.ts';
import { deleteConditions } from './write-conditions.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html: what is not there any more was deleted, too. */
export const deleteObject: Operation = async ({ objects }, { bucketName, key, account, query, headers }) => {
  const versionId = versionIdOf(query);
  const conditions = deleteConditions({
    etag: headers.get('if-match'),
    lastModified: headers.get('x-amz-if-match-last-modified-time'),
    size: headers.get('x-amz-if-match-size'),
  });
  const [outcome] = await deleteObjects(objects, bucketName, account.accountId, [{ key, versionId, conditions }]);
  assert(outcome !== undefined, 'a deletion has no outcome');
  if ('refused' in outcome) throw new Refused(outcome.refused);
  const told = outcome.versionId ?? versionId;
  return {
    status: 204,
    headers: {
      ...(told !== undefined && { 'x-amz-version-id': told }),
      ...(outcome.isDeleteMarker && { 'x-amz-delete-marker': 'true' }),
    },
  };
};
