import type { StoredVersion } from '../objects/object-ports.ts';

/** Version ids are told only where there can be several versions. */
export function versionIdHeader({ versionId, versioning }: StoredVersion): Record<string, string> {
  return versioning === 'unversioned' ? {} : { 'x-amz-version-id': versionId };
}
