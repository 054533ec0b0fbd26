import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { KiB } from '../../../common/bytes.ts';
import { authenticate } from './authenticate.ts';
import { ChunkSigner } from './chunk-signer.ts';
import { type ChunkSigning, encodeChunks, inPieces } from './chunked-body.fixture.ts';
import { decodePayload, type PayloadPlan } from './payload.ts';
import { authorization, depsAt, exampleKey, exampleScope, exampleTime, headOf } from './published-examples.fixture.ts';
import { signText } from './signing-client.fixture.ts';
import { SigningKeys } from './signing-keys.ts';

const limits = { heldBytesMax: 16, chunkHeaderBytesMax: 128, trailerBytesMax: 256 };
const key = new SigningKeys(1).get({ accessKey: '', date: '20130524', region: 'us-east-1' }, exampleKey.secretKey);
const seed = hash('sha256', 'the request');
const signing: ChunkSigning = {
  seed,
  timestamp: '20130524T000000Z',
  scope: exampleScope,
  sign: (text) => signText(text, exampleTime),
};

function chunked(decodedBytes: number, has: { signer: boolean; trailer: boolean }): PayloadPlan {
  const signer = has.signer ? new ChunkSigner(key, signing.timestamp, exampleScope, seed) : undefined;
  return { kind: 'chunked', signer, hasTrailer: has.trailer, decodedBytes };
}

/** What came out before the end or the error. */
async function decode(body: AsyncIterable<Buffer>, plan: PayloadPlan, bounds?: typeof limits) {
  const { bytes, trailers } = decodePayload(body, plan, bounds);
  const pieces: Buffer[] = [];
  let code: string | undefined;
  try {
    for await (const piece of bytes) pieces.push(Buffer.from(piece));
  } catch (error) {
    code = (error as { code?: string }).code ?? String(error);
  }
  return { data: Buffer.concat(pieces).toString('latin1'), trailers: Object.fromEntries(trailers), code };
}

test("AWS's published examples of chunked uploads are decoded, and their signatures hold", async () => {
  const examples = [
    {
      word: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      request: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
      chunks: [
        'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
        '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
        'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
      ],
      more: { 'Content-Length': '66824' },
      signed: 'content-encoding;content-length;host;',
      end: '\r\n',
      trailers: {},
    },
    {
      word: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
      request: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
      chunks: [
        'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
        '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
        '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
      ],
      more: { 'x-amz-trailer': 'x-amz-checksum-crc32c' },
      signed: 'content-encoding;host;',
      end: 'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
      trailers: { 'x-amz-checksum-crc32c': 'sOO8/Q==' },
    },
  ];
  for (const { word, request, chunks, more, signed, end, trailers } of examples) {
    const names = 'x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class';
    const trailerName = 'x-amz-trailer' in more ? ';x-amz-trailer' : '';
    const head = headOf('PUT', '/examplebucket/chunkObject.txt', {
      Host: 's3.amazonaws.com',
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': word,
      'Content-Encoding': 'aws-chunked',
      'x-amz-decoded-content-length': '66560',
      ...more,
      Authorization: authorization(`${signed}${names}${trailerName}`, request),
    });
    const [first, second, last] = chunks;
    const body = Buffer.from(
      `10000;chunk-signature=${first}\r\n${'a'.repeat(64 * KiB)}\r\n400;chunk-signature=${second}\r\n${'a'.repeat(KiB)}\r\n0;chunk-signature=${last}\r\n${end}`,
    );
    const { payload } = await authenticate(depsAt(exampleTime), head);
    const decoded = await decode(inPieces(body, [5, 40_000, 65_630]), payload);
    assert.deepEqual(decoded, { data: 'a'.repeat(65 * KiB), trailers, code: undefined });
  }
});

const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const body = fc.record({
  chunks: fc.array(chunk, { maxLength: 5 }),
  trailers: fc.option(
    fc.dictionary(fc.constantFrom('x-amz-checksum-crc32', 'x-amz-meta-a'), fc.stringMatching(/^[A-Za-z0-9+/=]{1,8}$/)),
    { nil: undefined },
  ),
});
const cuts = fc.array(fc.nat(), { maxLength: 10 });

test('a chunked body comes back whole, signed or not, however it is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(body, cuts, fc.boolean(), async (original, at, signer) => {
      const encoded = await encodeChunks(original, signer ? signing : undefined);
      const data = Buffer.concat(original.chunks);
      const plan = chunked(data.length, { signer, trailer: original.trailers !== undefined });
      const decoded = await decode(inPieces(encoded, at), plan, limits);
      const expected = { data: data.toString('latin1'), trailers: { ...original.trailers }, code: undefined };
      assert.deepEqual(decoded, expected);
    }),
    { numRuns: 300 },
  );
});

test('a signed body that was changed or cut off anywhere never ends normally with something else', async () => {
  await fc.assert(
    fc.asyncProperty(body, fc.nat(), fc.integer({ min: 0, max: 255 }), async (original, position, change) => {
      const encoded = await encodeChunks(original, signing);
      const data = Buffer.concat(original.chunks);
      const at = position % encoded.length;
      const damaged = Buffer.from(encoded);
      damaged[at] = (damaged[at] ?? 0) ^ change;
      // No change of the byte: the body ends before it.
      const arrived = change === 0 ? encoded.subarray(0, at) : damaged;
      const plan = chunked(data.length, { signer: true, trailer: original.trailers !== undefined });
      const decoded = await decode(inPieces(arrived), plan, limits);
      if (decoded.code !== undefined) return;
      // Upper case in a size, or the last empty line lost: the same meaning.
      assert.equal(decoded.data, data.toString('latin1'));
      assert.deepEqual(decoded.trailers, { ...original.trailers });
    }),
    { numRuns: 1000 },
  );
});

test('chunks that were left out, repeated or reordered do not match their signatures', async () => {
  const [one, two] = [Buffer.from('1111'), Buffer.from('2222')];
  const frames = (await encodeChunks({ chunks: [one, two], trailers: undefined }, signing))
    .toString('latin1')
    .split(/(?<=\r\n(?:1111|2222)\r\n)/);
  const [first = '', second = '', end = ''] = frames;
  for (const order of [
    [second, first, end],
    [first, first, end],
    [first, end],
    [second, end],
  ]) {
    const arrived = Buffer.from(order.join(''), 'latin1');
    const plan = chunked(order.length * 4 - 4, { signer: true, trailer: false });
    assert.equal((await decode(inPieces(arrived), plan)).code, 'SignatureDoesNotMatch');
  }
});

test('no byte of a small chunk leaves before its signature is verified; a large one is not held back', async () => {
  const decodeForged = async (bytes: number) => {
    const encoded = await encodeChunks({ chunks: [Buffer.alloc(bytes, 'a')], trailers: undefined }, signing);
    encoded.write('0000', encoded.indexOf('signature=') + 10);
    return decode(inPieces(encoded, [100]), chunked(bytes, { signer: true, trailer: false }), limits);
  };
  assert.deepEqual(await decodeForged(16), { data: '', trailers: {}, code: 'SignatureDoesNotMatch' });
  assert.deepEqual(await decodeForged(17), { data: 'a'.repeat(17), trailers: {}, code: 'SignatureDoesNotMatch' });
});

test('a body that trickles in byte by byte is held in few pieces, and comes back whole', async () => {
  const encoded = await encodeChunks({ chunks: [Buffer.alloc(1000, 'a')], trailers: undefined }, signing);
  const everyByte = Array.from(encoded, (_, at) => at);
  const { bytes } = decodePayload(inPieces(encoded, everyByte), chunked(1000, { signer: true, trailer: false }));
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  assert.equal(Buffer.concat(pieces).toString(), 'a'.repeat(1000));
  assert.ok(pieces.length <= 64, `${pieces.length} pieces`);
});

test('framing that is wrong is refused by what is wrong with it', async () => {
  const wrong: [body: string, decodedBytes: number, code: string][] = [
    ['', 0, 'IncompleteBody'],
    ['3', 3, 'IncompleteBody'],
    ['3\r\nab', 3, 'IncompleteBody'],
    ['3\r\nabc\r\n', 3, 'IncompleteBody'],
    ['3\r\nabc\r\n0\r\n\r\n', 4, 'IncompleteBody'],
    ['3\r\nabc\r\n0\r\n\r\n', 2, 'IncompleteBody'],
    ['3\r\nabcd\r\n0\r\n\r\n', 4, 'InvalidRequest'],
    ['g\r\nabc\r\n0\r\n\r\n', 3, 'InvalidRequest'],
    ['-3\r\nabc\r\n0\r\n\r\n', 3, 'InvalidRequest'],
    ['\r\n', 0, 'InvalidRequest'],
    ['1000000000000000000\r\n', 3, 'InvalidRequest'],
    [`3;${'x'.repeat(200)}\r\nabc\r\n0\r\n\r\n`, 3, 'InvalidRequest'],
    ['0'.repeat(1000), 3, 'InvalidRequest'],
    ['0\r\nno colon\r\n\r\n', 0, 'MalformedTrailerError'],
    ['0\r\n:v\r\n\r\n', 0, 'MalformedTrailerError'],
    ['0\r\na:1\r\na:2\r\n\r\n', 0, 'MalformedTrailerError'],
    [`0\r\na:${'x'.repeat(300)}\r\n\r\n`, 0, 'MalformedTrailerError'],
    [`0\r\n${'\r\n'.repeat(300)}`, 0, 'MalformedTrailerError'],
    ['0\r\na:1', 0, 'IncompleteBody'],
  ];
  for (const [text, decodedBytes, code] of wrong) {
    const decoded = await decode(
      inPieces(Buffer.from(text), [3]),
      chunked(decodedBytes, { signer: false, trailer: true }),
      limits,
    );
    assert.equal(decoded.code, code, JSON.stringify(text));
    assert.deepEqual(decoded.trailers, {});
  }
  const unannounced = chunked(0, { signer: false, trailer: false });
  assert.equal((await decode(inPieces(Buffer.from('0\r\na:1\r\n\r\n')), unannounced)).code, 'MalformedTrailerError');
});

test('trailers are taken in all the ways in which clients end their lines', async () => {
  for (const end of ['X-Amz-A: 1\r\n\r\n', 'x-amz-a:1\n\r\n\r\n', '\r\nx-amz-a:1\r\n', 'x-amz-a :1\r\n']) {
    const plan = chunked(0, { signer: false, trailer: true });
    const decoded = await decode(inPieces(Buffer.from(`0\r\n${end}`)), plan);
    assert.deepEqual(decoded, { data: '', trailers: { 'x-amz-a': '1' }, code: undefined });
  }
});

test('a plain body is held to its signed digest, and its pieces are handed on as they are', async () => {
  const piece = Buffer.from('Welcome to Amazon S3.');
  const sha256 = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
  const whole = (async function* () {
    yield piece;
  })();
  const { bytes } = decodePayload(whole, { kind: 'plain', sha256 });
  assert.equal((await bytes.next()).value, piece);
  assert.deepEqual(await bytes.next(), { done: true, value: undefined });
  const changed = await decode(inPieces(Buffer.from('Welcome')), { kind: 'plain', sha256 });
  assert.equal(changed.code, 'XAmzContentSHA256Mismatch');
  const unsigned = await decode(inPieces(Buffer.from('any')), { kind: 'plain', sha256: undefined });
  assert.deepEqual(unsigned, { data: 'any', trailers: {}, code: undefined });
});

test('the source is let go when the reader stops early or the body is refused', async () => {
  const plans = [chunked(8, { signer: false, trailer: false }), { kind: 'plain', sha256: undefined } as const];
  for (const text of ['4\r\nabcd\r\n4\r\nefgh\r\n0\r\n\r\n', 'not a size\r\n']) {
    for (const plan of plans) {
      let isOpen = true;
      const source = (async function* () {
        try {
          yield Buffer.from(text);
          yield Buffer.from('more');
        } finally {
          isOpen = false;
        }
      })();
      try {
        for await (const _ of decodePayload(source, plan).bytes) break;
      } catch {
        // Refused: what counts is that the source knows.
      }
      assert.equal(isOpen, false);
    }
  }
});
