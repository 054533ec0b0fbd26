import type { FoundObject } from '../objects/find-object.ts';
import type { ObjectVersion } from '../objects/object-ports.ts';
import { S3Error } from './errors.ts';
import type { S3Call } from './operation.ts';

/**
 * The version that a read is about. Throws NoSuchKey and NoSuchVersion; of a delete marker NoSuchKey, and
 * MethodNotAllowed when it was asked for by its id, each with headers that tell of it.
 */
export function presentVersion(
  { bucket, version }: FoundObject,
  { key, query }: Pick<S3Call, 'key' | 'query'>,
): { readonly version: ObjectVersion; readonly isVersioned: boolean } {
  const versionId = query.get('versionId');
  const isVersioned = bucket.versioning !== 'unversioned';
  if (version === undefined) {
    if (versionId === undefined) throw new S3Error('NoSuchKey', undefined, { Key: key });
    throw new S3Error('NoSuchVersion', undefined, { Key: key, VersionId: versionId });
  }
  if (!version.isDeleteMarker) return { version, isVersioned };
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (versionId === undefined) throw new S3Error('NoSuchKey', undefined, { Key: key }).withHeaders(headers);
  throw new S3Error('MethodNotAllowed', undefined, { Method: 'GET', ResourceType: 'DeleteMarker' }).withHeaders({
    ...headers,
    allow: 'DELETE',
    'last-modified': version.lastModified.toUTCString(),
  });
}
