import type { WriteConditions } from '../objects/object-ports.ts';
import { entityTags } from './entity-tags.ts';
import { S3Error } from './errors.ts';

/**
 * What must hold for a PUT, a copy or the completion of an upload. If-Unmodified-Since counts only without If-Match
 * (RFC 9110 section 13.2.2), and not at all when it is no date.
 */
export function writeConditions(headers: ReadonlyMap<string, string>): WriteConditions {
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  const since = httpDate(headers.get('if-unmodified-since'));
  return {
    ...(ifMatch !== undefined && { ifMatch: entityTags(ifMatch, 'dropped') }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch: entityTags(ifNoneMatch, 'as-strong') }),
    ...(ifMatch === undefined && since !== undefined && { ifUnmodifiedSince: since }),
  };
}

/** Of a deletion: also its size and its moment may be asked for. Throws InvalidArgument. */
export function deleteConditions(asked: {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly size: string | undefined;
}): WriteConditions {
  const { etag, lastModified, size } = asked;
  const moment = httpDate(lastModified);
  if (lastModified !== undefined && moment === undefined) throw invalid('LastModifiedTime', lastModified);
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw invalid('Size', size);
  return {
    ...(etag !== undefined && { ifMatch: entityTags(etag, 'dropped') }),
    ...(moment !== undefined && { lastModified: moment }),
    ...(size !== undefined && { sizeBytes: Number(size) }),
  };
}

/** Years have four digits (RFC 9110 section 5.6.7), and the metadata does not read others. */
function httpDate(text: string | undefined): Date | undefined {
  const date = new Date(text === undefined ? Number.NaN : Date.parse(text));
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9_999 ? date : undefined;
}

function invalid(name: string, value: string): S3Error {
  return new S3Error('InvalidArgument', undefined, { ArgumentName: name, ArgumentValue: value });
}
