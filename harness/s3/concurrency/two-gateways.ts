import type { S3 } from '@aws-sdk/client-s3';
import type { S3HttpClient } from '../../kit/clients/s3/s3-http-client.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownBucket, plainS3Of, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { overS3 } from '../over-s3.ts';

export const clientsAtOnce = 16;
export const concurrent = { ...overS3, cluster: 'own', tags: ['concurrent'] } as const;

export interface Arena {
  readonly s3: S3;
  readonly bucket: string;
  /** Every second one through the other gateway. They neither retry nor wait for one another. */
  readonly clients: readonly S3HttpClient[];
}

/** A bucket, and many clients that work on it through two gateways at once. */
export async function openArena(ctx: CaseContext, cluster: Cluster, isVersioned = false): Promise<Arena> {
  const s3 = s3Of(ctx, cluster);
  const bucket = await ownBucket(ctx, s3, { isVersioned });
  const clients = Array.from({ length: clientsAtOnce }, (_, index) => {
    const gateway = cluster.gateways[index % cluster.gateways.length];
    return plainS3Of(ctx, { s3: gateway?.s3 ?? null, credentials: cluster.credentials });
  });
  return { s3, bucket, clients };
}
