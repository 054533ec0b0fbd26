import type { ObjectAttributes } from '../objects/object-ports.ts';
import { S3Error } from './errors.ts';

/** Names and values of all user metadata together, in bytes. */
const USER_METADATA_BYTES_MAX = 2_048;
const META = 'x-amz-meta-';

const storageClasses: ReadonlySet<string> = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
]);

/**
 * What the headers of a PUT, a copy or the begin of an upload say of the object. Throws MetadataTooLarge,
 * InvalidStorageClass and InvalidRedirectLocation.
 */
export function readAttributes(headers: ReadonlyMap<string, string>): ObjectAttributes {
  return {
    ...optional({
      cacheControl: headers.get('cache-control'),
      contentDisposition: headers.get('content-disposition'),
      contentEncoding: contentEncoding(headers.get('content-encoding')),
      contentLanguage: headers.get('content-language'),
      expires: headers.get('expires'),
      websiteRedirectLocation: redirectLocation(headers.get('x-amz-website-redirect-location')),
    }),
    contentType: headers.get('content-type') || 'binary/octet-stream',
    userMetadata: userMetadata(headers),
    storageClass: storageClass(headers.get('x-amz-storage-class')),
  };
}

/** The headers that give them back. */
export function attributeHeaders(attributes: ObjectAttributes): Record<string, string> {
  return {
    'content-type': attributes.contentType,
    ...optional({
      'cache-control': attributes.cacheControl,
      'content-disposition': attributes.contentDisposition,
      'content-encoding': attributes.contentEncoding,
      'content-language': attributes.contentLanguage,
      expires: attributes.expires,
      'x-amz-website-redirect-location': attributes.websiteRedirectLocation,
      // AWS says nothing of the class that is the default.
      'x-amz-storage-class': attributes.storageClass === 'STANDARD' ? undefined : attributes.storageClass,
    }),
    ...Object.fromEntries(Object.entries(attributes.userMetadata).map(([name, value]) => [META + name, value])),
  };
}

/** Throws InvalidStorageClass. */
function storageClass(header: string | undefined): string {
  if (header === undefined) return 'STANDARD';
  if (!storageClasses.has(header))
    throw new S3Error('InvalidStorageClass', undefined, { StorageClassRequested: header });
  return header;
}

/** aws-chunked is how the body came over the wire, and no property of the object. */
function contentEncoding(header: string | undefined): string | undefined {
  const codings = (header ?? '').split(',').map((coding) => coding.trim());
  return codings.filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked').join(',') || undefined;
}

function redirectLocation(header: string | undefined): string | undefined {
  if (header !== undefined && !/^(?:\/|https?:\/\/)/.test(header)) throw new S3Error('InvalidRedirectLocation');
  return header;
}

function userMetadata(headers: ReadonlyMap<string, string>): Record<string, string> {
  const found = [...headers]
    .filter(([name]) => name.startsWith(META))
    .map(([name, value]) => [name.slice(META.length), value] as const);
  const bytes = found.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > USER_METADATA_BYTES_MAX) {
    throw new S3Error('MetadataTooLarge', undefined, {
      Size: String(bytes),
      MaxSizeAllowed: String(USER_METADATA_BYTES_MAX),
    });
  }
  return Object.fromEntries(found);
}

/** Without the properties that are undefined. */
function optional<T extends Record<string, string | undefined>>(properties: T): { [Name in keyof T]?: string } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: string;
  };
}
