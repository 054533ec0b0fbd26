import { S3Error } from './errors.ts';
import type { Target } from './target.ts';

/** What decides which operation a request is. */
export interface RouteRequest {
  readonly method: string;
  readonly target: Target;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
}

type Level = 'service' | 'bucket' | 'object';

/**
 * By method and level, what is asked with a query parameter, the first that is there; `''` is for none of them. Listed
 * by their names in https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
 */
const routes = {
  service: { GET: { '': 'ListBuckets' } },
  bucket: {
    GET: {
      uploads: 'ListMultipartUploads',
      versioning: 'GetBucketVersioning',
      versions: 'ListObjectVersions',
      location: 'GetBucketLocation',
      '': 'ListObjects',
    },
    HEAD: { '': 'HeadBucket' },
    PUT: { versioning: 'PutBucketVersioning', '': 'CreateBucket' },
    DELETE: { '': 'DeleteBucket' },
    POST: { delete: 'DeleteObjects' },
  },
  object: {
    GET: { uploadId: 'ListParts', attributes: 'GetObjectAttributes', '': 'GetObject' },
    HEAD: { '': 'HeadObject' },
    PUT: { uploadId: 'UploadPart', '': 'PutObject' },
    DELETE: { uploadId: 'AbortMultipartUpload', '': 'DeleteObject' },
    POST: { uploads: 'CreateMultipartUpload', uploadId: 'CompleteMultipartUpload' },
  },
} as const;

type Leaf<Table> = Table extends string ? Table : { [Key in keyof Table]: Leaf<Table[Key]> }[keyof Table];
export type OperationName = Leaf<typeof routes> | 'ListObjectsV2' | 'CopyObject' | 'UploadPartCopy';

/** Of features that follow later. */
const laterSubresources: ReadonlySet<string> = new Set([
  ...['abac', 'accelerate', 'acl', 'analytics', 'append', 'cors', 'encryption', 'intelligent-tiering', 'inventory'],
  ...['legal-hold', 'lifecycle', 'logging', 'metadataConfiguration', 'metadataInventoryTable', 'metadataJournalTable'],
  ...['metadataTable', 'metrics', 'notification', 'object-lock', 'ownershipControls', 'policy', 'policyStatus'],
  ...['publicAccessBlock', 'renameObject', 'replication', 'requestPayment', 'restore', 'retention', 'select'],
  ...['select-type', 'session', 'tagging', 'torrent', 'website'],
]);

/** Of operations that there are; where the method or the level is another, it is not allowed. */
const subresources: ReadonlySet<string> = new Set([
  ...['attributes', 'delete', 'location', 'uploadId', 'uploads', 'versioning', 'versions'],
]);

/** Parameters, which may be empty. */
const parameters: ReadonlySet<string> = new Set([
  ...['bucket-region', 'continuation-token', 'delimiter', 'encoding-type', 'fetch-owner', 'key-marker', 'list-type'],
  ...['marker', 'max-buckets', 'max-keys', 'max-parts', 'max-uploads', 'part-number-marker', 'partNumber', 'prefix'],
  ...['start-after', 'upload-id-marker', 'version-id-marker', 'versionId', 'x-id'],
]);

/**
 * Throws NotImplemented for what follows later and for what cannot be a parameter, since a body that is meant for an
 * unknown subresource must not become the object itself; MethodNotAllowed; InvalidArgument.
 */
export function route(request: RouteRequest): OperationName {
  const { method, target, query } = request;
  const level: Level = target.bucketName === '' ? 'service' : target.key === '' ? 'bucket' : 'object';
  if (method === 'OPTIONS') throw new S3Error('NotImplemented', undefined, { Header: 'Origin' });
  const byQuery: Readonly<Record<string, OperationName>> | undefined = Object.hasOwn(routes[level], method)
    ? routes[level][method as keyof (typeof routes)[Level]]
    : undefined;
  for (const [name, value] of query) {
    if (laterSubresources.has(name) || (value === '' && !isKnown(name))) {
      throw new S3Error('NotImplemented', undefined, { Query: name });
    }
    if (subresources.has(name) && byQuery?.[name] === undefined) throw notAllowed(request);
  }
  const subresource = Object.keys(byQuery ?? {}).find((name) => query.has(name)) ?? '';
  const name = byQuery?.[subresource];
  if (name !== undefined) return refine(name, request);
  if (method === 'POST' && /^multipart\/form-data\b/i.test(request.headers.get('content-type') ?? '')) {
    throw new S3Error('NotImplemented', undefined, { Header: 'Content-Type' });
  }
  throw notAllowed(request);
}

/** Where a value, or a header, decides too. */
function refine(name: OperationName, { query, headers }: RouteRequest): OperationName {
  const isCopy = headers.has('x-amz-copy-source');
  switch (name) {
    case 'ListObjects':
      return query.get('list-type') === '2' ? 'ListObjectsV2' : name;
    case 'UploadPart':
      if (query.get('partNumber') === undefined) throw argumentAbsent('partNumber');
      return isCopy ? 'UploadPartCopy' : name;
    case 'PutObject':
      if (query.has('partNumber')) throw argumentAbsent('uploadId');
      return isCopy ? 'CopyObject' : name;
    default:
      return name;
  }
}

function isKnown(name: string): boolean {
  return parameters.has(name) || subresources.has(name) || /^(?:x-amz-|response-)/i.test(name);
}

function argumentAbsent(name: string): S3Error {
  return new S3Error('InvalidArgument', `The request must have the query parameter ${name}.`, { ArgumentName: name });
}

function notAllowed({ method, target }: RouteRequest): S3Error {
  const ResourceType = target.bucketName === '' ? 'SERVICE' : target.key === '' ? 'BUCKET' : 'OBJECT';
  return new S3Error('MethodNotAllowed', undefined, { Method: method, ResourceType });
}
