import { createHash } from 'node:crypto';
import type { S3 } from '@aws-sdk/client-s3';
import { AccessKeysClient } from '../clients/access-keys-client.ts';
import { RestClient } from '../clients/rest-client.ts';
import { S3HttpClient } from '../clients/s3/s3-http-client.ts';
import { sdkClient } from '../clients/s3/sdk-client.ts';
import type { S3Credentials, Target } from '../cluster/target.ts';
import type { CaseContext } from './case-context.ts';

type S3Target = Pick<Target, 's3' | 'credentials'>;

/** The AWS SDK at its defaults, closed with the case. */
export function s3Of(ctx: CaseContext, target: S3Target = ctx.target): S3 {
  const { s3, credentials } = knownS3(target);
  const client = sdkClient(s3, credentials);
  ctx.defer(() => client.destroy());
  return client;
}

/** The harness's own client, which does nothing that it is not told. */
export function plainS3Of(ctx: CaseContext, target: S3Target = ctx.target): S3HttpClient {
  const { s3, credentials } = knownS3(target);
  const client = new S3HttpClient(s3, { credentials });
  ctx.defer(() => client.close());
  return client;
}

/** Where S3 is and who may use it. Throws when the target cannot tell: a case says that it needs `s3`. */
export function knownS3({ s3, credentials }: S3Target): { readonly s3: URL; readonly credentials: S3Credentials } {
  if (s3 === null || credentials === null) throw new Error('the S3 interface of this target is not known');
  return { s3, credentials };
}

/** A name that no other case takes; the label tells several of one case apart. */
export function bucketName({ id, seed }: CaseContext, label = 'a'): string {
  const mark = createHash('sha256').update(`${seed}/${label}`).digest('hex').slice(0, 12);
  return `case-${id.toLowerCase()}-${label}-${mark}`;
}

/** An empty bucket of the case's own, which goes with the case, whatever is in it then. */
export async function ownBucket(
  ctx: CaseContext,
  s3: S3,
  { label = 'a', isVersioned = false }: { readonly label?: string; readonly isVersioned?: boolean } = {},
): Promise<string> {
  const Bucket = bucketName(ctx, label);
  await s3.createBucket({ Bucket });
  ctx.defer(() => removeBucket(s3, Bucket));
  if (isVersioned) await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  return Bucket;
}

/** Empties and deletes a bucket; one that does not exist is all right. */
export async function removeBucket(s3: S3, Bucket: string): Promise<void> {
  for (;;) {
    const page = await s3.listObjectVersions({ Bucket }).catch(unlessAbsent);
    if (page === undefined) return;
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => {
      return { Key: Key ?? '', VersionId };
    });
    if (Objects.length === 0) break;
    const { Errors = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
    if (Errors.length > 0) throw new Error(`${Errors[0]?.Key} could not be deleted: ${Errors[0]?.Message}`);
  }
  await s3.deleteBucket({ Bucket });
}

/** The key of an account of its own, made for the case by the operator's interface, and useless after it. */
export async function otherAccount(ctx: CaseContext, target: Target = ctx.target): Promise<S3Credentials> {
  using rest = new RestClient(target.rest);
  const key = await new AccessKeysClient(rest).create({ display_name: `other of ${ctx.id}` });
  ctx.defer(async () => {
    using later = new RestClient(target.rest);
    await new AccessKeysClient(later).disable(key.access_key);
  });
  return { accessKey: key.access_key, secretKey: key.secret_key };
}

function unlessAbsent(error: Error): undefined {
  if (error.name !== 'NoSuchBucket') throw error;
}
