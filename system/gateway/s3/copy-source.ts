import { GiB } from '../../common/bytes.ts';
import type { ByteRange } from '../objects/byte-range.ts';
import type { FoundObject } from '../objects/find-object.ts';
import type { ObjectVersion } from '../objects/object-ports.ts';
import { evaluateRead } from '../objects/preconditions.ts';
import { quoteTags } from './entity-tags.ts';
import { S3Error } from './errors.ts';
import { isVersionId } from './object-target.ts';

/** Of one copy; what is larger is copied part by part. */
const COPY_BYTES_MAX = 5 * GiB;

export interface CopySourceName {
  readonly bucketName: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * Reads x-amz-copy-source: bucket/key, percent-encoded, with a slash before it or not, and perhaps `?versionId=`. Throws
 * InvalidArgument.
 */
export function parseCopySource(header: string): CopySourceName {
  const at = header.lastIndexOf('?versionId=');
  const path = decode(at < 0 ? header : header.slice(0, at)).replace(/^\//, '');
  const versionId = at < 0 ? undefined : decode(header.slice(at + '?versionId='.length));
  const slash = path.indexOf('/');
  if (slash < 1 || slash === path.length - 1 || path.lastIndexOf('\0', slash) >= 0) {
    throw invalid('Copy Source must mention the source bucket and key: sourcebucket/sourcekey', header);
  }
  if (versionId === '') throw invalid('Version id cannot be the empty string', header);
  if (versionId !== undefined && !isVersionId(versionId)) throw invalid('Invalid version id specified', header);
  return { bucketName: path.slice(0, slash), key: path.slice(slash + 1), versionId };
}

/**
 * The version that a copy is made of, if the x-amz-copy-source-if-* headers let it. Throws NoSuchKey, NoSuchVersion,
 * InvalidRequest and PreconditionFailed.
 */
export function copiedVersion(
  { version }: FoundObject,
  { key, versionId }: CopySourceName,
  headers: ReadonlyMap<string, string>,
): ObjectVersion {
  if (version === undefined && versionId !== undefined) {
    throw new S3Error('NoSuchVersion', undefined, { Key: key, VersionId: versionId });
  }
  if (version?.isDeleteMarker && versionId !== undefined) {
    throw new S3Error(
      'InvalidRequest',
      'The source of a copy request may not specifically refer to a delete marker by version id.',
    );
  }
  if (version === undefined || version.isDeleteMarker) throw new S3Error('NoSuchKey', undefined, { Key: key });
  const conditions = {
    ifMatch: quoteTags(headers.get('x-amz-copy-source-if-match')),
    ifNoneMatch: quoteTags(headers.get('x-amz-copy-source-if-none-match')),
    ifModifiedSince: headers.get('x-amz-copy-source-if-modified-since'),
    ifUnmodifiedSince: headers.get('x-amz-copy-source-if-unmodified-since'),
  };
  const { etag, lastModified } = version;
  // Whoever copies has nothing cached that might be fresh: both answers of a reader mean that nothing is copied.
  if (evaluateRead(conditions, { etag: `"${etag}"`, lastModified }) !== 'proceed') {
    throw new S3Error('PreconditionFailed');
  }
  return version;
}

/** Throws InvalidRequest. */
export function checkCopySize(bytes: number): void {
  if (bytes <= COPY_BYTES_MAX) return;
  throw new S3Error(
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${COPY_BYTES_MAX}`,
  );
}

/** Reads x-amz-copy-source-range against the source, which it must not reach beyond. Throws InvalidArgument. */
export function parseCopyRange(header: string | undefined, sizeBytes: number): ByteRange {
  if (header === undefined) return { start: 0, end: sizeBytes };
  const [, first = '', last = ''] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  if (first === '' || Number(first) > Number(last)) {
    throw new S3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
    );
  }
  if (Number(last) < sizeBytes) return { start: Number(first), end: Number(last) + 1 };
  throw new S3Error('InvalidArgument', `Range specified is not valid for source object of size: ${sizeBytes}`, {
    ArgumentName: 'x-amz-copy-source-range',
    ArgumentValue: header,
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('Invalid copy source encoding.', text);
  }
}

function invalid(sentence: string, header: string): S3Error {
  return new S3Error('InvalidArgument', sentence, { ArgumentName: 'x-amz-copy-source', ArgumentValue: header });
}
