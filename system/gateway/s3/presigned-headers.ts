import { S3Error } from './errors.ts';
import { headerValue } from './request-headers.ts';

/** Of the signature, which is read from where it stands. */
const ofSignature: ReadonlySet<string> = new Set([
  ...['x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-expires', 'x-amz-signature', 'x-amz-signedheaders'],
  ...['x-amz-content-sha256', 'x-amz-security-token'],
]);

/**
 * Of the body, which whoever presigns does not know: AWS's SDK for JavaScript writes the CRC32 of an empty one into every URL for
 * a PUT. AWS passes over them, too.
 */
const ofBody = /^x-amz-(?:checksum-|sdk-checksum-algorithm$|trailer$)/;

/**
 * The headers of a request, and those that stand in the query of a presigned URL: SDKs move x-amz-* headers there, so that the URL
 * says all by itself, and S3 takes them for the headers. A header that was sent goes first. Throws InvalidArgument for what
 * could not be a header.
 */
export function withPresignedHeaders(
  headers: ReadonlyMap<string, string>,
  query: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const parameters = [...query].map(([name, value]) => [name.toLowerCase(), value] as const);
  if (!parameters.some(([name]) => name === 'x-amz-signature')) return headers;
  const all = new Map(headers);
  for (const [name, value] of parameters) {
    if (!name.startsWith('x-amz-') || ofSignature.has(name) || ofBody.test(name) || all.has(name)) continue;
    all.set(headerName(name), headerValue(name, value).replace(/^[ \t]+|[ \t]+$/g, ''));
  }
  return all;
}

/** Throws InvalidArgument for what is no token (RFC 9110 section 5.6.2): as the name of a header, it could not be given back. */
function headerName(name: string): string {
  if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return name;
  throw new S3Error('InvalidArgument', 'The name cannot be that of a header.', { ArgumentName: name });
}
