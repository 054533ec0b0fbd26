import type { Bucket, Versioning } from '../objects/object-ports.ts';
import { type AccountRow, account } from './account-rows.ts';

export type BucketRow = AccountRow & {
  readonly bucket_id: string;
  readonly bucket_name: string;
  readonly region: string;
  readonly versioning: Versioning;
  readonly created_at: Date;
};

/** SQL for the columns of BucketRow, from a row of `buckets` called `b` and its owner's of `accounts` called `a`. */
export const bucketColumns = `
  b.bucket_id, b.bucket_name, b.region, b.versioning, b.created_at, a.account_id, a.display_name, a.email`;

export function bucket(row: BucketRow): Bucket {
  return {
    bucketId: row.bucket_id,
    name: row.bucket_name,
    owner: account(row),
    region: row.region,
    versioning: row.versioning,
    createdAt: row.created_at,
  };
}
