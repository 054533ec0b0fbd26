import { retryAfterSeconds, StoreError, type StoreErrorCode } from '../objects/errors.ts';
import type { Refusal } from '../objects/object-ports.ts';
import { Refused } from '../objects/refused.ts';
import { S3Error, type S3ErrorCode } from './errors.ts';
import type { Target } from './target.ts';
import { type Xml, xmlDocument, xmlText } from './xml/write-xml.ts';

/** The catalogue of the use cases in the words of S3. */
const codeOf: Record<StoreErrorCode, S3ErrorCode> = {
  InvalidRequest: 'InvalidRequest',
  InvalidName: 'InvalidArgument',
  EmptyFile: 'InvalidRequest',
  TooLarge: 'EntityTooLarge',
  IncompleteBody: 'IncompleteBody',
  FileNotFound: 'NoSuchKey',
  RangeNotSatisfiable: 'InvalidRange',
  PreconditionFailed: 'PreconditionFailed',
  Unauthorized: 'AccessDenied',
  ServerNotFound: 'InternalError',
  AccessKeyNotFound: 'InvalidAccessKeyId',
  TooFewServersLeft: 'InternalError',
  ServerRefused: 'InternalError',
  ClientGone: 'IncompleteBody',
  ClientTooSlow: 'RequestTimeout',
  Overloaded: 'SlowDown',
  TooFewNodes: 'ServiceUnavailable',
  StorageFailed: 'ServiceUnavailable',
  DataUnavailable: 'ServiceUnavailable',
  DataDamaged: 'InternalError',
  DatabaseUnavailable: 'ServiceUnavailable',
  OutcomeUnknown: 'ServiceUnavailable',
};

const codeOfRefusal: Record<Refusal, S3ErrorCode> = {
  'no-bucket': 'NoSuchBucket',
  'not-owner': 'AccessDenied',
  'no-key': 'NoSuchKey',
  'precondition-failed': 'PreconditionFailed',
  'source-gone': 'NoSuchKey',
  'no-upload': 'NoSuchUpload',
};

/** What went wrong, as an error of S3. What is not in a catalogue is ours, and is not told. */
export function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (error instanceof Refused) {
    const { refusal, bucketName: BucketName } = error;
    return new S3Error(codeOfRefusal[refusal], undefined, BucketName === undefined ? {} : { BucketName }, error);
  }
  if (!(error instanceof StoreError)) return new S3Error('InternalError', undefined, {}, error);
  const code = codeOf[error.code];
  // Some sentences of the store would tell more than the client's fault; those of AWS are what clients expect anyway.
  const s3Error = new S3Error(code, code === 'InvalidRequest' ? error.message : undefined, {}, error);
  const seconds = retryAfterSeconds[error.code];
  return seconds === undefined ? s3Error : s3Error.withHeaders({ 'retry-after': String(seconds) });
}

/** What identifies a request, in the answer and in the log. */
export interface RequestIds {
  readonly requestId: string;
  readonly hostId: string;
}

/** The error document. See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function errorDocument(error: S3Error, target: Target | undefined, { requestId, hostId }: RequestIds): string {
  const { bucketName = '', key = '' } = target ?? {};
  const details = { ...subject(error.code, bucketName, key), ...error.details };
  const children: Xml[] = [
    xmlText('Code', error.code),
    xmlText('Message', error.message),
    ...Object.entries(details).map(([name, value]) => xmlText(name, value)),
    xmlText('Resource', `/${[bucketName, key].filter((part) => part !== '').join('/')}`),
    xmlText('RequestId', requestId),
    xmlText('HostId', hostId),
  ];
  return xmlDocument('Error', children, null);
}

function subject(code: S3ErrorCode, bucketName: string, key: string): Record<string, string> {
  if (code === 'NoSuchKey' || code === 'NoSuchVersion') return { Key: key };
  if (/^(?:NoSuchBucket|Bucket|InvalidBucketName)/.test(code)) return { BucketName: bucketName };
  return {};
}
