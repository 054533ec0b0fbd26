import type { KeyTarget } from '../objects/object-ports.ts';
import { S3Error } from './errors.ts';
import type { S3Call } from './operation.ts';

export function keyTarget({ bucketName, key, account }: S3Call): KeyTarget {
  return { bucketName, key, accountId: account.accountId };
}

/** The version that was asked for, if one was. Throws InvalidArgument for what cannot be a version id. */
export function versionIdOf(query: ReadonlyMap<string, string>): string | undefined {
  const versionId = query.get('versionId');
  if (versionId === undefined) return undefined;
  if (isVersionId(versionId)) return versionId;
  const sentence = versionId === '' ? 'Version id cannot be the empty string' : 'Invalid version id specified';
  throw new S3Error('InvalidArgument', sentence, { ArgumentName: 'versionId', ArgumentValue: versionId });
}

export function isVersionId(text: string): boolean {
  return text === 'null' || /^[0-9a-f]{32}$/.test(text);
}
