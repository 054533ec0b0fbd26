import { unsignedPayload } from '../../kit/clients/s3/sign-request.ts';
import { type BadRequest, type Headers, type Place, signed } from './bad-request.ts';

const GiB = 2 ** 30;
const anyError = ['BadRequest', 'InvalidRequest', 'InvalidArgument', 'MissingContentLength', 'NotImplemented'];

/** Lengths that are missing, wrong, contradictory, or beyond what there may be. */
export const badLengths: readonly BadRequest[] = [
  {
    what: 'no length',
    status: 411,
    code: 'MissingContentLength',
    bytes: (place) => lengthless(place, {}, ''),
  },
  {
    what: 'chunks of HTTP in place of a length',
    status: 411,
    code: 'MissingContentLength',
    bytes: (place) => lengthless(place, { 'transfer-encoding': 'chunked' }, '7\r\ncontent\r\n0\r\n\r\n'),
  },
  broken('a length and chunks of HTTP at once', { 'content-length': '7', 'transfer-encoding': 'chunked' }),
  broken('a length in words', { 'content-length': 'seven' }),
  broken('a negative length', { 'content-length': '-7' }),
  broken('two lengths', { 'content-length': '7\r\nContent-Length: 8' }),
  {
    what: 'a body that ends before its length',
    status: 400,
    code: ['IncompleteBody', 'BadRequest', 'RequestTimeout'],
    bytes: (place) => signed(place, { headers: { 'content-length': '1000' }, payload: unsignedPayload }),
    endsEarly: true,
  },
  tooLarge('an object of more than 5 GiB in one piece', ''),
  {
    ...tooLarge('a part of more than 5 GiB', ''),
    bytes: (place) =>
      signed(place, {
        path: '/B/upload',
        query: `partNumber=2&uploadId=${place.uploadId}`,
        headers: { 'content-length': String(5 * GiB + 1) },
        payload: unsignedPayload,
      }),
  },
  {
    what: 'metadata of more than 2 KB',
    status: 400,
    code: 'MetadataTooLarge',
    bytes: (place) => signed(place, { headers: { 'x-amz-meta-large': 'x'.repeat(2_100) } }),
  },
  {
    what: 'a head of 100 KB',
    status: 400,
    code: 'RequestHeaderSectionTooLarge',
    bytes: (place) => signed(place, { headers: { 'x-large': 'x'.repeat(100_000) } }),
  },
];

/** Signed as it is: the length is not among the signed headers. */
function lengthless(place: Place, headers: Headers, body: string): Buffer {
  return signed(place, { payload: unsignedPayload, body, length: null }, (all) => ({ ...all, ...headers }));
}

/** What a parser of HTTP refuses before anybody asks for a signature. */
function broken(what: string, headers: Record<string, string>): BadRequest {
  return { what, status: 400, code: anyError, bytes: (place) => signed(place, {}, (all) => ({ ...all, ...headers })) };
}

function tooLarge(what: string, query: string): BadRequest {
  const headers = { 'content-length': String(5 * GiB + 1) };
  const bytes: BadRequest['bytes'] = (place) => signed(place, { query, headers, payload: unsignedPayload });
  return { what, status: 400, code: 'EntityTooLarge', bytes };
}
