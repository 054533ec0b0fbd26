import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefixed } from './message-prefix.ts';
import { MessageSplitter } from './message-splitter.ts';

test('messages come back from a stream, however it is cut into pieces', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 6 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.map(prefixed));
      const splitter = new MessageSplitter({ bytesMax: 100, take: Buffer.alloc });
      const received: Buffer[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const end = at + (cuts[turn % cuts.length] ?? 1);
        for (const { buffer, bytes } of splitter.split(Buffer.from(stream.subarray(at, end)))) {
          received.push(buffer.subarray(0, bytes));
        }
        at = end;
      }
      assert.deepEqual(
        received,
        sent.map((message) => Buffer.from(message)),
      );
      assert.ok(splitter.isBetween);
    }),
  );
});

test('a stream that stops within a message, or within its prefix, is seen to', () => {
  for (const bytes of [1, 4, 5, 7]) {
    const splitter = new MessageSplitter({ bytesMax: 100, take: Buffer.alloc });
    assert.deepEqual([...splitter.split(prefixed(Buffer.from('abc')).subarray(0, bytes))], []);
    assert.equal(splitter.isBetween, false, `after ${bytes} bytes`);
  }
});

test('a message that is too long, or compressed, is refused', () => {
  assert.throws(
    () => [...new MessageSplitter({ bytesMax: 2, take: Buffer.alloc }).split(prefixed(Buffer.from('abc')))],
    /at most 2/,
  );
  assert.throws(
    () => [...new MessageSplitter({ bytesMax: 9, take: Buffer.alloc }).split(Buffer.from([1, 0, 0, 0, 1, 7]))],
    /compressed/,
  );
});
