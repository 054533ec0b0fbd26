/** Bytes that are not those of a value must be told, with the first that is wrong: a judge that overlooks one is worth nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../history/events.ts';
import type { S3Lies } from './lying-s3.fixture.ts';
import { against, content, lastSeen, s3 } from './recorded-run.fixture.ts';
import { contentFrom } from './value-content.ts';

function whole(id: string, bytes = 20_000): Buffer {
  return contentFrom({ id, bytes }, 0)(bytes);
}

const changed = (at: number) => (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy[at] = 0x41 ^ (copy[at] ?? 0);
  return copy;
};
const told = async (lies: S3Lies, ...calls: Call[]) => lastSeen(await against(lies, s3.put('v1'), ...calls));

for (const at of [0, 14, 63, 64, 19_999]) {
  test(`one byte at ${at}`, async () => {
    const seen = await told({ sends: changed(at) }, s3.get());
    assert.match(JSON.stringify(seen), new RegExp(`"value":"v1".*"wrong":"byte ${at} is 0x.. and must be 0x..`));
  });
}

test('one byte of a late piece of a large value', async () => {
  const bytes = 3 * 1024 * 1024;
  const operations = await against({ sends: changed(bytes - 7) }, s3.put('v1', bytes), s3.get());
  assert.match(JSON.stringify(lastSeen(operations)), new RegExp(`"value":"v1".*"byte ${bytes - 7} is`));
});

test('one byte of a range', async () => {
  const seen = await told({ sends: changed(9_000) }, s3.get({ first: 8_000, last: 10_000 }));
  assert.match(JSON.stringify(seen), /"value":"v1".*byte 9000 is/);
});

test('a head of one value and the rest of another', async () => {
  const mixed = Buffer.concat([whole('v1').subarray(0, 12_000), whole('v2').subarray(12_000)]);
  const seen = await told({ sends: () => mixed }, s3.put('v2'), s3.get());
  assert.match(JSON.stringify(seen), /"value":"v1".*"byte 12000 is/);
});

test('the bytes of one value under the ETag of another', async () => {
  const seen = await told({ sends: () => whole('v1') }, s3.put('v2'), s3.get());
  assert.deepEqual(seen, content('v1', 'its ETag is that of v2'));
});

test('an answer that is whole and too short, or too long', async () => {
  assert.deepEqual(
    await told({ sends: (bytes) => bytes.subarray(0, 100) }, s3.get()),
    content('v1', 'only 100 of 20000 bytes came'),
  );
  assert.deepEqual(
    await told({ sends: (bytes) => Buffer.concat([bytes, bytes]) }, s3.get()),
    content('v1', 'more than 20000 bytes came'),
  );
  assert.deepEqual(await told({ sends: () => Buffer.alloc(0) }, s3.get()), content('v1', 'only 0 of 20000 bytes came'));
  assert.deepEqual(
    await told({ sends: (bytes) => bytes.subarray(0, 100) }, s3.head()),
    content('v1', 'it has 100 bytes and must have 20000'),
  );
});

test('bytes and ETag that nobody in this run has stored', async () => {
  const seen = await told({ sends: (bytes) => bytes.fill(1), etag: () => 'none' }, s3.get());
  assert.deepEqual(seen, content(null, 'neither bytes nor ETag ("none") are of this run'));
});

test('a range that is said to be another', async () => {
  const seen = await told({ contentRange: 'bytes 1-10/20000' }, s3.get({ first: 0, last: 9 }));
  assert.deepEqual(seen, content('v1', 'its range is bytes 1-10/20000 and must be bytes 0-9/20000'));
});

test('wrong bytes before the connection breaks; right ones are no answer', async () => {
  const breaksOffAt = 15_000;
  const wrong = await against({ sends: changed(100), breaksOffAt }, s3.put('v1'), s3.get());
  assert.match(JSON.stringify(lastSeen(wrong)), /"byte 100 is/);
  const cut = await against({ breaksOffAt }, s3.put('v1'), s3.get());
  assert.deepEqual([cut[1]?.end?.type, cut[1]?.end?.answer], ['fail', 'ECONNRESET']);
  const early = await against({ breaksOffAt: 20 }, s3.put('v1'), s3.get());
  assert.deepEqual([early[1]?.end?.type, early[1]?.end?.answer], ['fail', 'ECONNRESET']);
});

test('an acknowledgement by another ETag', async () => {
  const [put] = await against({ etag: (etag) => etag.replaceAll(/./g, '0') }, s3.put('v1'));
  assert.equal(put?.end?.type, 'ok');
  assert.match(JSON.stringify(put?.end?.seen), /"wrong":"it was acknowledged as 0{32} and its bytes are [0-9a-f]{32}"/);
});
