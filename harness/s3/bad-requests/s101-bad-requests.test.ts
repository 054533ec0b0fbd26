/**
 * Requests that no library sends: forged, stale, damaged, badly framed, contradictory or malicious ones, byte by byte over
 * plain sockets. Each must be refused with the code that AWS gives, promptly, and leave no trace. A failure means a door that
 * opens to a wrong key, or a half object that somebody takes for a whole one.
 */
import assert from 'node:assert/strict';
import {
  streamingPayload,
  streamingPayloadTrailer,
  streamingUnsignedTrailer,
} from '../../kit/clients/s3/aws-chunked.ts';
import { unsignedPayload } from '../../kit/clients/s3/sign-request.ts';
import { checksumOf } from '../../kit/seed/checksums.ts';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';
import { type BadRequest, signed } from './bad-request.ts';
import { chunked } from './chunked.ts';
import { badDates } from './date.ts';
import { badDigests } from './digest.ts';
import { badFraming } from './framing.ts';
import { badKeys } from './key.ts';
import { badLengths } from './length.ts';
import { presigned } from './presigned.ts';
import { badRanges } from './range.ts';
import { answerTo, assertAllRefused, prepare } from './refuse-all.ts';
import { badSignatures } from './signature.ts';
import { badXml } from './xml.ts';

/** Its own, because the disks are counted: nobody else may write meanwhile. */
const cluster = fileCluster({ nodes: 3 });
const options = { ...overS3, cluster: 'own' } as const;

const good: Record<string, BadRequest['bytes']> = {
  'a signed body': (place) => signed(place),
  'an unsigned body': (place) => signed(place, { payload: unsignedPayload }),
  'a presigned URL': (place) => presigned(place),
  'signed chunks': (place) => chunked(place, { payload: streamingPayload, pieces: ['a'.repeat(8_192), 'b'] }),
  'signed chunks and trailers': (place) =>
    chunked(place, { payload: streamingPayloadTrailer, pieces: ['content'], ...withCrc32 }),
  'chunks and trailers': (place) =>
    chunked(place, { payload: streamingUnsignedTrailer, pieces: ['content'], ...withCrc32 }),
  'no bytes in chunks': (place) => chunked(place, { payload: streamingPayload, pieces: [] }),
  'a range of a copy': (place) => {
    const source = { 'x-amz-copy-source': `/${place.bucket}/existing`, 'x-amz-copy-source-range': 'bytes=0-999' };
    return signed(place, {
      path: '/B/upload',
      query: `partNumber=2&uploadId=${place.uploadId}`,
      headers: source,
      body: '',
    });
  },
};
const withCrc32 = {
  headers: { 'x-amz-trailer': 'x-amz-checksum-crc32' },
  trailers: { 'x-amz-checksum-crc32': checksumOf('CRC32', Buffer.from('content')) },
};

testCase('S101', 'the good requests that the bad ones are made from are accepted', options, async (ctx) => {
  const store = await cluster(ctx);
  const place = await prepare(ctx, store, s3Of(ctx, store));
  for (const [what, bytes] of Object.entries(good)) {
    const answer = await answerTo({ bytes }, place);
    assert.equal(answer?.status, 200, `${what}: ${answer?.body}`);
  }
});

const corpora: [id: string, what: string, corpus: readonly BadRequest[]][] = [
  ['S102', 'forged and malformed signatures are refused', badSignatures],
  ['S103', 'signatures of another time are refused', badDates],
  ['S104', 'bodies that are not what they were declared to be are refused', badDigests],
  ['S105', 'broken framing and broken chains of chunk signatures are refused', badFraming],
  ['S106', 'lengths that are missing, contradictory or too large are refused', badLengths],
  ['S107', 'documents that are malformed or mean harm are refused', badXml],
  ['S108', 'keys, names and arguments that cannot be are refused', badKeys],
  ['S109', 'ranges and parts that are not there are refused', badRanges],
];

for (const [id, what, corpus] of corpora) {
  testCase(id, `${what} with the code of AWS, and nothing is stored`, options, async (ctx) =>
    assertAllRefused(ctx, await cluster(ctx), corpus),
  );
}
