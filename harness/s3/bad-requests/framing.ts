import {
  streamingPayload,
  streamingPayloadTrailer,
  streamingUnsignedTrailer,
} from '../../kit/clients/s3/aws-chunked.ts';
import { checksumOf } from '../../kit/seed/checksums.ts';
import type { BadRequest } from './bad-request.ts';
import { type ChunkedWanted, chunked } from './chunked.ts';

const pieces = ['a'.repeat(8_192), 'b'.repeat(8_192), 'the end'];
const whole = Buffer.from(pieces.join(''));
const announced = { headers: { 'x-amz-trailer': 'x-amz-checksum-crc32' } };
const crc32 = { 'x-amz-checksum-crc32': checksumOf('CRC32', whole) };
const malformed = ['InvalidRequest', 'IncompleteBody', 'InvalidChunkSizeError'];

/** Bodies in chunks whose framing is broken, or whose signatures do not hang together. */
export const badFraming: readonly BadRequest[] = [
  signedChunks('a byte of a chunk that was changed', 403, 'SignatureDoesNotMatch', inChunk(1, 'bbb', 'bxb')),
  signedChunks(
    'a byte of the last piece that was changed',
    403,
    'SignatureDoesNotMatch',
    inChunk(2, 'the end', 'The end'),
  ),
  signedChunks('two chunks in the wrong order', 403, 'SignatureDoesNotMatch', ([a, b, ...rest]) => list(b, a, ...rest)),
  // Its signature would not match either; but it is longer than what may still come, which is seen first.
  signedChunks('a chunk that was sent twice', 400, 'IncompleteBody', ([a, b, , end]) => list(a, b, b, end)),
  signedChunks('an empty chunk at the end whose signature is wrong', 403, 'SignatureDoesNotMatch', (chunks) =>
    edited(chunks, 3, (text) => text.replace(/=([0-9a-f])/, (_, digit) => `=${digit === '0' ? '1' : '0'}`)),
  ),
  signedChunks(
    'chunks without signatures where signed ones were promised',
    403,
    ['SignatureDoesNotMatch', 'InvalidRequest', 'IncompleteBody'],
    (chunks) =>
      chunks.map((chunk) => Buffer.from(chunk.toString('latin1').replace(/;chunk-signature=[0-9a-f]+/, ''), 'latin1')),
  ),
  signedChunks('no empty chunk at the end', 400, ['IncompleteBody', 'InvalidRequest'], (chunks) => chunks.slice(0, -1)),
  signedChunks('a chunk that was left out', 403, 'SignatureDoesNotMatch', ([a, b, , end]) => list(a, b, end)),
  signedTrailers('a trailer that was changed', ([a, b, c, end]) =>
    list(a, b, c, replaced(end, crc32['x-amz-checksum-crc32'], checksumOf('CRC32', Buffer.from('else')))),
  ),
  signedTrailers('a signature of the trailers that is wrong', ([a, b, c, end]) =>
    list(
      a,
      b,
      c,
      Buffer.from(
        `${end}`.replace(/(trailer-signature:)([0-9a-f])/, (_, name, digit) => `${name}${digit === '0' ? 1 : 0}`),
      ),
    ),
  ),
  unsigned('a chunk size that is no number', { edit: inChunk(0, /^[0-9a-f]+/, 'zz') }),
  unsigned('a chunk size beyond all numbers', { edit: inChunk(0, /^[0-9a-f]+/, 'f'.repeat(40)) }),
  unsigned('a chunk that is longer than it says', { edit: inChunk(0, /^2000/, '1fff') }),
  unsigned('a chunk that is shorter than it says', { edit: inChunk(0, /^2000/, '2001') }),
  unsigned('a chunk whose line never ends', { edit: () => [Buffer.from('2000;'.padEnd(40_000, 'x'))] }),
  unsigned('no chunk at all', { edit: () => [Buffer.from(whole)] }),
  unsigned('fewer bytes than the decoded length', { decodedLength: String(whole.length + 1) }, 'IncompleteBody'),
  unsigned('more bytes than the decoded length', { decodedLength: String(whole.length - 1) }, 'IncompleteBody'),
  unsigned('a decoded length that is no number', { decodedLength: 'many' }, 'InvalidArgument'),
  { ...unsigned('no decoded length', { decodedLength: null }, 'MissingContentLength'), status: 411 },
  unsigned(
    'trailers that never end',
    withEnd('x-amz-checksum-crc32:AAAAAA==\r\n'.repeat(4_000)),
    'MalformedTrailerError',
  ),
  unsigned(
    'a trailer whose line never ends',
    withEnd('x-amz-checksum-crc32:'.padEnd(40_000, 'A')),
    'MalformedTrailerError',
  ),
  unsigned('a trailer without a colon', withEnd('x-amz-checksum-crc32\r\n\r\n'), 'MalformedTrailerError'),
  unsigned(
    'the same trailer twice',
    withEnd(`${`x-amz-checksum-crc32:${crc32['x-amz-checksum-crc32']}\r\n`.repeat(2)}\r\n`),
    'MalformedTrailerError',
  ),
  signedChunks(
    'a trailer where the payload was promised to have none',
    400,
    'MalformedTrailerError',
    ([a, b, c, end]) =>
      list(a, b, c, Buffer.from(`${end}`.replace('\r\n\r\n', '\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'))),
  ),
];

type Edit = NonNullable<ChunkedWanted['edit']>;

function signedChunks(what: string, status: number, code: BadRequest['code'], edit: Edit): BadRequest {
  return { what, status, code, bytes: (place) => chunked(place, { payload: streamingPayload, pieces, edit }) };
}

function signedTrailers(what: string, edit: Edit): BadRequest {
  const wanted = { payload: streamingPayloadTrailer, pieces, trailers: crc32, ...announced, edit };
  return { what, status: 403, code: 'SignatureDoesNotMatch', bytes: (place) => chunked(place, wanted) };
}

function unsigned(what: string, more: Partial<ChunkedWanted>, code: BadRequest['code'] = malformed): BadRequest {
  const wanted = { payload: streamingUnsignedTrailer, pieces, trailers: crc32, ...announced, ...more };
  return { what, status: 400, code, bytes: (place) => chunked(place, wanted) };
}

/** These trailers instead of the honest ones. */
function withEnd(trailers: string): Partial<ChunkedWanted> {
  return { edit: ([a, b, c]) => list(a, b, c, Buffer.from(`0\r\n${trailers}`)) };
}

function inChunk(index: number, from: string | RegExp, to: string): Edit {
  return (chunks) => edited(chunks, index, (text) => text.replace(from, to));
}

function edited(chunks: readonly Buffer[], index: number, edit: (text: string) => string): Buffer[] {
  return chunks.map((chunk, at) => (at === index ? Buffer.from(edit(chunk.toString('latin1')), 'latin1') : chunk));
}

function replaced(chunk: Buffer | undefined, from: string, to: string): Buffer {
  return Buffer.from((chunk ?? '').toString('latin1').replace(from, to), 'latin1');
}

function list(...chunks: readonly (Buffer | undefined)[]): Buffer[] {
  return chunks.filter((chunk) => chunk !== undefined);
}
