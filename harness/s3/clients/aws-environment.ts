import type { Target } from '../../kit/cluster/target.ts';
import { knownS3 } from '../../kit/testing/s3-fixtures.ts';

/** What every program that is built on one of AWS's SDKs asks of its environment. */
export function awsEnvironment(target: Pick<Target, 's3' | 'credentials'>): Record<string, string> {
  const { s3, credentials } = knownS3(target);
  return {
    AWS_ENDPOINT_URL_S3: s3.origin,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKey,
    AWS_SECRET_ACCESS_KEY: credentials.secretKey,
  };
}
