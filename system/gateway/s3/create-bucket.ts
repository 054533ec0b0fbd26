import { KiB } from '../../common/bytes.ts';
import { checkBucketName } from './bucket-name.ts';
import { S3Error } from './errors.ts';
import type { Operation } from './operation.ts';
import { textByName } from './xml/known-children.ts';
import { readXml } from './xml/read-xml.ts';

const DOCUMENT_BYTES_MAX = 16 * KiB;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const createBucket: Operation = async ({ metadata, region }, { account, bucketName, headers, body }) => {
  checkBucketName(bucketName);
  checkHeaders(headers);
  checkConfiguration(await body.read(DOCUMENT_BYTES_MAX), region);
  const { bucket, isNew } = await metadata.createBucket(bucketName, account.accountId, region);
  if (!isNew && bucket.owner.accountId !== account.accountId) {
    throw new S3Error('BucketAlreadyExists', undefined, { BucketName: bucketName });
  }
  // In us-east-1, AWS lets the owner create it again; elsewhere it does not.
  if (!isNew && region !== 'us-east-1') {
    throw new S3Error('BucketAlreadyOwnedByYou', undefined, { BucketName: bucketName });
  }
  return { status: 200, headers: { location: `/${bucketName}` } };
};

function checkHeaders(headers: ReadonlyMap<string, string>): void {
  if (headers.get('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true') {
    throw new S3Error('NotImplemented', undefined, { Header: 'x-amz-bucket-object-lock-enabled' });
  }
  const ownership = headers.get('x-amz-object-ownership');
  if (ownership === undefined || ownership === 'BucketOwnerEnforced') return;
  if (ownership === 'BucketOwnerPreferred' || ownership === 'ObjectWriter') {
    throw new S3Error('NotImplemented', undefined, { Header: 'x-amz-object-ownership', Value: ownership });
  }
  throw new S3Error('InvalidArgument', 'Invalid x-amz-object-ownership header: only BucketOwnerEnforced is allowed', {
    ArgumentName: 'x-amz-object-ownership',
    ArgumentValue: ownership,
  });
}

function checkConfiguration(document: Buffer, region: string): void {
  if (document.length === 0) return;
  const root = readXml(document, 'CreateBucketConfiguration');
  for (const { name, children } of root.children) {
    const isLater = name === 'Location' || name === 'Bucket' || (name === 'Tags' && children.length > 0);
    if (isLater) throw new S3Error('NotImplemented', undefined, { Element: name });
  }
  const { LocationConstraint: asked = '' } = textByName(root, ['LocationConstraint', 'Tags']);
  // EU is what eu-west-1 was called; us-east-1 is what is said by saying nothing.
  const constraint = asked === 'EU' ? 'eu-west-1' : asked;
  if (constraint === '' || constraint === region) return;
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(constraint)) {
    throw new S3Error('InvalidLocationConstraint', undefined, { LocationConstraint: asked });
  }
  throw new S3Error(
    'IllegalLocationConstraintException',
    `The ${asked} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}
