import type { ObjectChecksum, Versioning } from '../objects/object-ports.ts';
import { checksumHeader } from './payload/expected-digests.ts';

/** Version ids are told once the bucket has ever had versioning. */
export function versionHeaders(versioning: Versioning, versionId: string): Record<string, string> {
  return versioning === 'unversioned' ? {} : { 'x-amz-version-id': versionId };
}

export function checksumHeaders(checksum: ObjectChecksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}
