import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import { FRAME_HEADROOM_BYTES, frameData, putChunkData } from '../../../proto/data-frame.ts';
import { PutChunkRequest } from '../../../proto/gen/storage.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { filesIn, getBytes } from '../chunks/store.fixture.ts';
import { connect, failsWith, health, put, startPut, testNode, until } from './node.fixture.ts';

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

test('a chunk is stored as it was sent, and the answer has its size and SHA-256', async () => {
  await using node = await testNode();
  const data = randomBytes(2_500_000);
  const messages = Array.from({ length: 25 }, (_, n) => data.subarray(n * 100_000, (n + 1) * 100_000));
  const response = await put(node.client, { chunkId: 'whole' }, ...messages.map((part) => ({ data: part })));
  assert.deepEqual(response, {
    chunkId: 'whole',
    success: true,
    errorMessage: '',
    size: data.length,
    checksum: sha256(data),
    alreadyStored: false,
  });
  assert.ok(data.equals(await getBytes(node.storage.store, 'whole')));
});

test('framed blocks of every size, whole blocks too, are stored as they were sent', async () => {
  await using node = await testNode();
  const data = randomBytes(256 * 1024 * 6);
  for (const bytes of [100_000, 256 * 1024, 1024 * 1024]) {
    const stream = startPut(node.client);
    await stream.send({ chunkId: `framed-${bytes}` });
    for (let at = 0; at < data.length; at += bytes) {
      const part = data.subarray(at, at + bytes);
      const frame = Buffer.concat([Buffer.alloc(FRAME_HEADROOM_BYTES), part]);
      await stream.send(frameData(putChunkData, frame, part.length, crc32c(part)));
    }
    assert.equal((await stream.end()).checksum, sha256(data));
    assert.ok(data.equals(await getBytes(node.storage.store, `framed-${bytes}`)));
  }
});

test('the same bytes again are a success that says so; other bytes are ALREADY_EXISTS', async () => {
  await using node = await testNode();
  const data = randomBytes(1000);
  await put(node.client, { chunkId: 'same', data });
  assert.equal((await put(node.client, { chunkId: 'same', data })).alreadyStored, true);
  await assert.rejects(put(node.client, { chunkId: 'same', data: randomBytes(1000) }), failsWith('ALREADY_EXISTS'));
});

const data = Buffer.from('some bytes');
const right = sha256(data);
const wrong = sha256(Buffer.from('other bytes'));

test('size and checksum are taken from any message, and hexadecimal digits of either case', async () => {
  await using node = await testNode();
  const stored = [
    [{ chunkId: 'a', data, checksum: right }],
    [{ chunkId: 'b', checksum: right, totalSize: data.length }, { data }],
    [{ chunkId: 'c' }, { data }, { checksum: right.toUpperCase(), totalSize: data.length }],
    [{ chunkId: 'd', data, dataCrc32c: crc32c(data) }, { checksum: right }, { checksum: right }],
    [{ chunkId: 'e', totalSizeFollows: true }, { data }, { totalSize: data.length }],
    [{ chunkId: 'f', data }, { chunkId: 'f' }, {}],
  ];
  for (const messages of stored) await put(node.client, ...messages);
  assert.deepEqual((await filesIn(node.storage)).chunks, ['a', 'b', 'c', 'd', 'e', 'f']);
});

test('a chunk id may come behind the data of its message', async () => {
  await using node = await testNode();
  const data = randomBytes(700_000);
  const encoded = (fields: { chunkId?: string; data?: Buffer }) =>
    PutChunkRequest.encode({ chunkId: '', data: Buffer.alloc(0), checksum: '', ...none, ...fields }).finish();
  const stream = startPut(node.client);
  void stream.send(Buffer.concat([encoded({ data }), encoded({ chunkId: 'behind' })]));
  void stream.send({ data });
  assert.equal((await stream.end()).size, 2 * data.length);
  assert.ok(Buffer.concat([data, data]).equals(await getBytes(node.storage.store, 'behind')));
});

const none = { dataCrc32c: undefined, totalSize: undefined };

for (const [what, code, messages] of [
  ['without any message', 'INVALID_ARGUMENT', []],
  ['without a chunk id', 'INVALID_ARGUMENT', [{ data }]],
  ['with an id that looks like a path', 'INVALID_ARGUMENT', [{ chunkId: '../x', data }]],
  ['with an id of 201 characters', 'INVALID_ARGUMENT', [{ chunkId: 'x'.repeat(201), data }]],
  [
    'whose later message has another id',
    'INVALID_ARGUMENT',
    [
      { chunkId: 'x', data },
      { chunkId: 'y', data },
    ],
  ],
  ['with a checksum that is none', 'INVALID_ARGUMENT', [{ chunkId: 'x', data, checksum: 'abc' }]],
  ['with two different checksums', 'INVALID_ARGUMENT', [{ chunkId: 'x', checksum: right }, { checksum: wrong }]],
  ['with a wrong SHA-256', 'DATA_LOSS', [{ chunkId: 'x', data, checksum: wrong }]],
  ['with a wrong SHA-256 in its last message', 'DATA_LOSS', [{ chunkId: 'x', data }, { checksum: wrong }]],
  [
    'with a wrong CRC in a message',
    'DATA_LOSS',
    [
      { chunkId: 'x', data },
      { data, dataCrc32c: 1 },
    ],
  ],
  ['shorter than its total size', 'INVALID_ARGUMENT', [{ chunkId: 'x', data, totalSize: 11 }]],
  ['longer than its total size', 'INVALID_ARGUMENT', [{ chunkId: 'x', totalSize: 11, data }, { data }]],
  [
    'that ends before the total size that was to follow',
    'INVALID_ARGUMENT',
    [{ chunkId: 'x', totalSizeFollows: true }, { data }],
  ],
  ['with a negative total size', 'INVALID_ARGUMENT', [{ chunkId: 'x', data, totalSize: -1 }]],
  ['with an absurd total size', 'INVALID_ARGUMENT', [{ chunkId: 'x', data, totalSize: 2 ** 52 }]],
] as const) {
  test(`a chunk ${what} is ${code}, and nothing is stored`, async () => {
    await using node = await testNode();
    await assert.rejects(put(node.client, ...messages), failsWith(code));
    await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
    assert.deepEqual((await filesIn(node.storage)).chunks, []);
  });
}

test('a message of more than 4 MiB is RESOURCE_EXHAUSTED, one of 4 MiB is not', async () => {
  await using node = await testNode();
  await put(node.client, { chunkId: 'four', data: randomBytes(4 * 1024 * 1024) });
  const larger = put(node.client, { chunkId: 'five', data: randomBytes(5 * 1024 * 1024) });
  await assert.rejects(larger, failsWith('RESOURCE_EXHAUSTED'));
  await until('the calls have ended', async () => (await filesIn(node.storage)).tmp.length === 0);
});

test('a client that cancels in mid-stream leaves nothing', async () => {
  await using node = await testNode();
  const stream = startPut(node.client);
  for (let message = 0; message < 8; message++) await stream.send({ chunkId: 'cancelled', data: randomBytes(500_000) });
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  stream.cancel();
  await assert.rejects(stream.response, failsWith('CANCELLED'));
  await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  assert.deepEqual((await filesIn(node.storage)).chunks, []);
  assert.equal(node.storage.ledger.unfinishedBytes, 0);
});

for (const how of ['end', 'resetAndDestroy'] as const) {
  test(`a client whose connection breaks in mid-stream leaves nothing (${how})`, async () => {
    await using node = await testNode();
    const sockets: Socket[] = [];
    const inward: Socket[] = [];
    const proxy = createServer((socket) => {
      const onward = connectTcp(node.server.port, '127.0.0.1');
      sockets.push(onward);
      inward.push(socket);
      for (const one of [socket, onward]) one.on('error', () => {});
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    const client = connect((proxy.address() as { port: number }).port);
    const stream = startPut(client);
    for (let message = 0; message < 8; message++) await stream.send({ chunkId: 'broken', data: randomBytes(500_000) });
    await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
    for (const socket of sockets) socket[how]();
    await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
    assert.deepEqual((await filesIn(node.storage)).chunks, []);
    client.close();
    proxy.close();
    for (const socket of [...inward, ...sockets]) socket.destroy();
  });
}

test('a client that sends nothing for too long gets DEADLINE_EXCEEDED, and leaves nothing', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, streamIdleTimeoutMs: 20_000, shutdownDeadlineMs: 1 });
  const stream = startPut(node.client);
  await stream.send({ chunkId: 'idle', data });
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  clock.advance(19_000);
  const seen = node.storage.ledger.unfinishedBytes;
  await stream.send({ data: randomBytes(10_000) });
  await until('the second message has come', () => node.storage.ledger.unfinishedBytes > seen);
  clock.advance(19_000);
  assert.equal((await filesIn(node.storage)).tmp.length, 1);
  clock.advance(1000);
  await assert.rejects(stream.response, failsWith('DEADLINE_EXCEEDED', /neither sent nor took/));
  await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  node.client.close();
});

test('a node whose quota is used up says RESOURCE_EXHAUSTED, is full, and goes on when something is deleted', async () => {
  await using node = await testNode({ quotaBytes: 1_000_000 });
  assert.equal((await health(node.client)).status, 'healthy');
  await put(node.client, { chunkId: 'first', data: randomBytes(980_000) });
  assert.equal((await health(node.client)).status, 'full');
  const second = { chunkId: 'second', data: randomBytes(100_000) };
  await assert.rejects(put(node.client, second), failsWith('RESOURCE_EXHAUSTED', /quota/));
  const declared = put(node.client, { chunkId: 'third', totalSize: 100_000 }, { data: randomBytes(1) });
  await assert.rejects(declared, failsWith('RESOURCE_EXHAUSTED'));
  await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  assert.deepEqual((await filesIn(node.storage)).chunks, ['first']);
});
