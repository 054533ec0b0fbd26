import { S3Error } from './errors.ts';

/**
 * How a listing writes keys, prefixes and markers: as they are, or with encoding-type=url percent-encoded, slashes apart,
 * since XML cannot carry every character. Throws InvalidArgument.
 */
export function keyEncoder(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined || encodingType === '') return (text) => text;
  if (encodingType === 'url') return encodeKey;
  throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    ArgumentName: 'encoding-type',
    ArgumentValue: encodingType,
  });
}

/** A blank is %20 and not `+`: those clients that decode forms, and those that do not, read it back alike. */
function encodeKey(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%2F', '/')
    .replace(/[!'()]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
