import type { SigningOptions } from '../../kit/clients/s3/sign-request.ts';
import { type BadRequest, type Change, onTheWire, type Place, signed, type Wanted } from './bad-request.ts';
import { presigned } from './presigned.ts';

/** Who is not who he says, or does not say it properly. */
export const badSignatures: readonly BadRequest[] = [
  refused('a secret that is not the key’s', 403, 'SignatureDoesNotMatch', (place) =>
    signed(place, { signing: { credentials: { ...place.credentials, secretKey: 'wrong' } } }),
  ),
  refused('an access key that nobody has', 403, 'InvalidAccessKeyId', (place) =>
    signed(place, { signing: { credentials: { ...place.credentials, accessKey: 'SXNOBODYHASTHISKEY00' } } }),
  ),
  changed('a signature with one digit changed', 403, 'SignatureDoesNotMatch', (text) =>
    text.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
  ),
  changed('a signature that is cut off', 403, 'SignatureDoesNotMatch', (text) => text.slice(0, -8)),
  tampered('a path that was changed behind the signature', (text) => text.replace('/new ', '/other ')),
  tampered('a query that was added behind the signature', (text) => text.replace('/new ', '/new?versionId=null ')),
  tampered('a method that was changed behind the signature', (text) => text.replace('PUT ', 'DELETE ')),
  refused('a signed header that was changed', 403, 'SignatureDoesNotMatch', (place) =>
    signed(place, { headers: { 'content-type': 'text/plain' } }, (headers) => ({
      ...headers,
      'content-type': 'text/html',
    })),
  ),
  refused('metadata that is not signed', 403, 'AccessDenied', (place) =>
    signed(place, {}, (headers) => ({ ...headers, 'x-amz-meta-added': 'later' })),
  ),
  refused('a copy source that is not signed', 403, 'AccessDenied', (place) =>
    signed(place, {}, (headers) => ({ ...headers, 'x-amz-copy-source': `/${place.bucket}/${place.existing}` })),
  ),
  changed('a host that is not signed', 403, 'AccessDenied', (text) =>
    text.replace('content-length;host;', 'content-length;'),
  ),
  scoped('another region', { region: 'eu-west-1' }),
  scoped('another service', { service: 'ec2' }),
  changed('a scope with another end', 400, 'AuthorizationHeaderMalformed', (text) =>
    text.replace('aws4_request', 'aws5_request'),
  ),
  changed('a credential without a day', 400, 'AuthorizationHeaderMalformed', (text) => text.replace(/\/\d{8}\//, '/')),
  changed('no signature', 400, 'AuthorizationHeaderMalformed', (text) => text.replace(/, Signature=.*/, '')),
  changed('no signed headers', 400, 'AuthorizationHeaderMalformed', (text) =>
    text.replace(/, SignedHeaders=[^,]*/, ''),
  ),
  changed('the name of the algorithm alone', 400, 'AuthorizationHeaderMalformed', () => 'AWS4-HMAC-SHA256'),
  changed('signature version 2', 400, 'InvalidRequest', () => 'AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg='),
  changed('a user with a password', 400, 'InvalidArgument', () => 'Basic dXNlcjpwYXNzd29yZA=='),
  refused('no signature at all', 403, 'AccessDenied', (place) =>
    signed(place, {}, ({ host = '', 'content-length': length = '' }) => ({ host, 'content-length': length })),
  ),
  refused('a payload of which nothing is said', 400, 'InvalidRequest', (place) =>
    signed(place, {}, (headers) => ({
      ...headers,
      'x-amz-content-sha256': undefined,
      authorization: headers['authorization']?.replace('x-amz-content-sha256;', ''),
    })),
  ),
  refused('a payload that is neither a digest nor a word for one', 400, 'InvalidArgument', (place) =>
    signed(place, { payload: 'TRUST-ME' }),
  ),
  refused('signature version 2 in the query', 400, 'InvalidRequest', (place) =>
    unsignedPut(
      place,
      'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=4102444800&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv4%3D',
    ),
  ),
  refused('a signature in the header and another one in the query', 400, 'InvalidArgument', (place) =>
    signed(place, { query: 'X-Amz-Signature=00&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a' }),
  ),
  inQuery('a presigned URL with a digit changed', 403, 'SignatureDoesNotMatch', (query) =>
    query.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
  ),
  inQuery('a presigned URL of another algorithm', 400, 'AuthorizationQueryParametersError', (query) =>
    query.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA512'),
  ),
  inQuery('a presigned URL without a credential', 400, 'AuthorizationQueryParametersError', (query) =>
    query.replace(/&X-Amz-Credential=[^&]*/, ''),
  ),
  inQuery('a presigned URL whose access key has a NUL', 403, 'InvalidAccessKeyId', (query) =>
    query.replace('X-Amz-Credential=', 'X-Amz-Credential=%00'),
  ),
  inQuery('a presigned URL that never ends', 400, 'AuthorizationQueryParametersError', (query) =>
    query.replace(/&X-Amz-Expires=[^&]*/, ''),
  ),
  ...['0', '-60', '604801', 'tomorrow'].map((expires) =>
    inQuery(`a presigned URL that is good for ${expires} s`, 400, 'AuthorizationQueryParametersError', (query) =>
      query.replace(/Expires=\d+/, `Expires=${expires}`),
    ),
  ),
];

function refused(what: string, status: number, code: string, bytes: BadRequest['bytes']): BadRequest {
  return { what, status, code, bytes };
}

/** The Authorization header is changed. */
function changed(what: string, status: number, code: string, edit: (authorization: string) => string): BadRequest {
  const change: Change = (headers) => ({ ...headers, authorization: edit(headers['authorization'] ?? '') });
  return refused(what, status, code, (place) => signed(place, {}, change));
}

/** The first line is changed. */
function tampered(what: string, edit: (firstLine: string) => string): BadRequest {
  return refused(what, 403, 'SignatureDoesNotMatch', (place) =>
    Buffer.from(edit(signed(place).toString('latin1')), 'latin1'),
  );
}

function scoped(what: string, signing: Partial<SigningOptions>): BadRequest {
  const wanted: Wanted = { signing };
  return refused(what, 400, 'AuthorizationHeaderMalformed', (place) => signed(place, wanted));
}

function inQuery(what: string, status: number, code: string, edit: (query: string) => string): BadRequest {
  return refused(what, status, code, (place) => presigned(place, {}, edit));
}

function unsignedPut({ endpoint, bucket }: Place, query: string): Buffer {
  const headers = { host: endpoint.host, 'content-length': '7' };
  return onTheWire({ method: 'PUT', path: `/${bucket}/new`, query, headers }, 'content');
}
