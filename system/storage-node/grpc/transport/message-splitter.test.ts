import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { MessageSplitter, PREFIX_BYTES, writePrefix } from './message-splitter.ts';
import { PlainMessages } from './plain-messages.ts';
import { parseTimeoutMs } from './timeout.ts';
import { WholeMessages } from './whole-messages.ts';

function framed(message: Uint8Array, isCompressed = false): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(PREFIX_BYTES), message]);
  writePrefix(bytes, 0, message.length);
  if (isCompressed) bytes[0] = 1;
  return bytes;
}

async function split(bytes: Buffer, pieceBytes: number, messageBytesMax = 1000, encoding = 'identity') {
  const messages: Buffer[] = [];
  const whole = new WholeMessages((message) => {
    messages.push(Buffer.from(message));
    return messages.length % 2 === 0 ? Promise.resolve() : undefined;
  });
  await using plain = new PlainMessages(encoding, messageBytesMax, whole);
  const splitter = new MessageSplitter(plain, messageBytesMax);
  for (let at = 0; at < bytes.length; at += pieceBytes) await splitter.feed(bytes.subarray(at, at + pieceBytes));
  splitter.finish();
  return messages;
}

test('messages come out as they went in, however the bytes are cut', async () => {
  const message = fc.record({ bytes: fc.uint8Array({ maxLength: 200 }), isCompressed: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(message), fc.integer({ min: 1, max: 400 }), async (sent, pieceBytes) => {
      const stream = sent.map(({ bytes, isCompressed }) =>
        framed(isCompressed ? gzipSync(bytes) : bytes, isCompressed),
      );
      const received = await split(Buffer.concat(stream), pieceBytes, 1000, 'gzip');
      assert.deepEqual(
        received,
        sent.map(({ bytes }) => Buffer.from(bytes)),
      );
    }),
    { numRuns: 300 },
  );
});

test('a message that is too long is refused at its prefix, and one that is cut at the end of the stream', async () => {
  assert.equal((await split(framed(Buffer.alloc(1000)), 50)).length, 1);
  await assert.rejects(split(framed(Buffer.alloc(1001)).subarray(0, PREFIX_BYTES), 1), /1001 bytes, at most 1000/);
  const cut = framed(Buffer.alloc(10));
  for (let bytes = 1; bytes < cut.length; bytes++)
    await assert.rejects(split(cut.subarray(0, bytes), 3), /within a message/);
});

test('a message that grows too large when it is decompressed, or is compressed in an unknown way, is refused', async () => {
  const bomb = framed(gzipSync(Buffer.alloc(100_000)), true);
  await assert.rejects(split(bomb, 100, 1000, 'gzip'), /cannot be decompressed to at most 1000 bytes/);
  await assert.rejects(split(bomb, 100, 1000, 'snappy'), /"snappy"/);
});

test('grpc-timeout is read in every unit, and ignored when it makes no sense', () => {
  const read = Object.fromEntries(
    ['2H', '3M', '4S', '500m', '1500u', '99999999n', '', 'S', '123456789S', '5x'].map((text) => [
      text,
      parseTimeoutMs(text),
    ]),
  );
  assert.deepEqual(read, {
    '2H': 7_200_000,
    '3M': 180_000,
    '4S': 4000,
    '500m': 500,
    '1500u': 2,
    '99999999n': 100,
    '': undefined,
    S: undefined,
    '123456789S': undefined,
    '5x': undefined,
  });
  assert.equal(parseTimeoutMs(undefined), undefined);
  assert.equal(parseTimeoutMs('99999999H'), undefined);
});
