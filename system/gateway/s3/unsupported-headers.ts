import { S3Error } from './errors.ts';

/** Headers of features that follow later: to ignore them would promise what is not kept. */
const laterHeaders =
  /^x-amz-(?:tagging$|object-lock-|server-side-encryption|copy-source-server-side-encryption|grant-|write-offset-bytes$|rename-source)/;

const grantedAnyway: ReadonlySet<string> = new Set(['private', 'bucket-owner-full-control']);
const otherAcls: ReadonlySet<string> = new Set([
  ...['public-read', 'public-read-write', 'authenticated-read', 'aws-exec-read', 'bucket-owner-read'],
  'log-delivery-write',
]);

/**
 * Throws NotImplemented for a header that asks for a feature that follows later; InvalidArgument for an ACL that AWS does
 * not know either. Those that say what holds anyway, that the owner has full control, pass.
 */
export function refuseUnsupportedHeaders(headers: ReadonlyMap<string, string>): void {
  for (const name of headers.keys()) {
    if (laterHeaders.test(name)) throw new S3Error('NotImplemented', undefined, { Header: name });
  }
  const acl = headers.get('x-amz-acl');
  if (acl === undefined || grantedAnyway.has(acl)) return;
  if (otherAcls.has(acl)) throw new S3Error('NotImplemented', undefined, { Header: 'x-amz-acl', Value: acl });
  throw new S3Error('InvalidArgument', undefined, { ArgumentName: 'x-amz-acl', ArgumentValue: acl });
}
