import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { xmlRoot } from './xml/write-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: the text stands in the root itself. */
export const getBucketLocation: Operation = async (deps, call) => {
  const { region } = await bucketOf(deps, call);
  return { status: 200, body: { xml: xmlRoot('LocationConstraint', region === 'us-east-1' ? '' : region) } };
};
