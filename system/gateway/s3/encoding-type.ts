import { S3Error } from './errors.ts';

/**
 * How a listing writes keys, prefixes and markers: as they are, or with encoding-type=url percent-encoded, slashes apart,
 * since XML cannot carry every character. Throws InvalidArgument.
 */
export function keyEncoder(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined || encodingType === '') return (text) => text;
  if (encodingType === 'url') return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
  throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    ArgumentName: 'encoding-type',
    ArgumentValue: encodingType,
  });
}
