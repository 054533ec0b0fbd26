import { S3Error } from './errors.ts';
import type { Operation } from './operation.ts';
import { ownerXml } from './owner-xml.ts';
import { openToken, sealToken, wrongToken } from './page-token.ts';
import { pageNumber } from './paging.ts';
import { xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

const BUCKETS_MAX = 10_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: Operation = async ({ metadata, region }, { account, query }) => {
  const limit = pageNumber('max-buckets', query.get('max-buckets'), BUCKETS_MAX);
  if (limit === 0) throw new S3Error('InvalidArgument', undefined, { ArgumentName: 'max-buckets', ArgumentValue: '0' });
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const isElsewhere = (query.get('bucket-region') || region) !== region;
  const after = token === undefined ? '' : openToken(token);
  if (after.includes('\0')) throw wrongToken(token);
  const found =
    isElsewhere || prefix.includes('\0') ? [] : await metadata.listBuckets(account.accountId, prefix, after, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const buckets = page.map((bucket) =>
    xmlElement('Bucket', [
      xmlText('Name', bucket.name),
      xmlText('CreationDate', bucket.createdAt),
      xmlText('BucketRegion', bucket.region),
    ]),
  );
  const next = found.length > limit && last !== undefined ? sealToken(last.name) : undefined;
  return {
    status: 200,
    body: {
      xml: xmlDocument('ListAllMyBucketsResult', [
        ownerXml('Owner', account),
        xmlElement('Buckets', buckets),
        xmlText('ContinuationToken', next),
        xmlText('Prefix', query.get('prefix')),
      ]),
    },
  };
};
