import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { GetChunkRequest, type GetChunkResponse } from '../../../proto/gen/storage.ts';
import { storageService } from '../../../proto/storage-service.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { parseChunkId, shardOf } from '../chunks/chunk-id.ts';
import type { Disk } from '../chunks/disk.ts';
import { putBytes } from '../chunks/store.fixture.ts';
import { systemDisk } from '../chunks/system-disk.ts';
import { failsWith, get, health, list, put, remove, testNode, until, verify } from './node.fixture.ts';

test('any range comes back as it was stored, in messages that are small enough and carry their CRC', async () => {
  await using node = await testNode({ io: 'direct' });
  const data = randomBytes(2_700_001);
  await putBytes(node.storage.store, 'ranges', data);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(data.length),
      fc.nat(data.length + 10),
      fc.oneof(fc.constant(0), fc.integer({ min: 3000, max: 1024 * 1024 }), fc.constant(1024 * 1024)),
      async (offset, length, messageBytes) => {
        const messages = await get(node.client, { chunkId: 'ranges', offset, length, messageBytes });
        const expected = data.subarray(offset, length === 0 ? undefined : offset + length);
        assert.ok(expected.equals(Buffer.concat(messages.map((message) => message.data))));
        for (const message of messages) {
          assert.ok(message.data.length > 0 && message.data.length <= (messageBytes || 256 * 1024));
          assert.equal(message.dataCrc32c, crc32c(message.data));
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('an empty chunk, and a range at the end of any chunk, are an empty stream', async () => {
  await using node = await testNode();
  await putBytes(node.storage.store, 'empty', Buffer.alloc(0));
  await putBytes(node.storage.store, 'ten', randomBytes(10));
  assert.deepEqual(await get(node.client, { chunkId: 'empty' }), []);
  assert.deepEqual(await get(node.client, { chunkId: 'ten', offset: 10 }), []);
});

for (const [what, code, request] of [
  ['an unknown chunk', 'NOT_FOUND', { chunkId: 'unknown' }],
  ['no chunk id', 'INVALID_ARGUMENT', {}],
  ['a path', 'INVALID_ARGUMENT', { chunkId: '../../etc/passwd' }],
  ['a range beyond the end', 'OUT_OF_RANGE', { chunkId: 'ten', offset: 11 }],
  ['a negative offset', 'INVALID_ARGUMENT', { chunkId: 'ten', offset: -1 }],
  ['a negative length', 'INVALID_ARGUMENT', { chunkId: 'ten', length: -1 }],
  ['messages of more than 1 MiB', 'INVALID_ARGUMENT', { chunkId: 'ten', messageBytes: 1024 * 1024 + 1 }],
  ['messages of a negative size', 'INVALID_ARGUMENT', { chunkId: 'ten', messageBytes: -1 }],
] as const) {
  test(`GetChunk of ${what} is ${code}`, async () => {
    await using node = await testNode();
    await putBytes(node.storage.store, 'ten', randomBytes(10));
    await assert.rejects(get(node.client, request), failsWith(code));
  });
}

test('a damaged block is DATA_LOSS, on GetChunk and VerifyChunk, and the node goes on', async () => {
  await using node = await testNode();
  await put(node.client, { chunkId: 'damaged', data: randomBytes(1_000_000) });
  const path = join(node.storage.dir.chunks, shardOf(parseChunkId('damaged')), 'damaged');
  const bytes = await readFile(path);
  bytes[600_000] = (bytes[600_000] as number) ^ 1;
  await writeFile(path, bytes);
  await assert.rejects(get(node.client, { chunkId: 'damaged' }), failsWith('DATA_LOSS', /damaged/));
  await assert.rejects(verify(node.client, 'damaged'), failsWith('DATA_LOSS', /damaged/));
  assert.equal((await health(node.client)).status, 'healthy');
});

test('a client that cancels in mid-stream frees its memory and its file', async () => {
  await using node = await testNode();
  const free = node.storage.readSlabs.freeBytes;
  await putBytes(node.storage.store, 'large', randomBytes(8_000_000));
  const { path, requestSerialize, responseDeserialize } = storageService.getChunk;
  const request = GetChunkRequest.decode(
    GetChunkRequest.encode({ chunkId: 'large', offset: 0, length: 0, messageBytes: 0 }).finish(),
  );
  const call = node.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  call.on('error', () => {});
  await new Promise<GetChunkResponse>((resolve) =>
    call.once('data', (message) => {
      call.pause();
      resolve(message);
    }),
  );
  assert.ok(node.storage.readSlabs.freeBytes < free);
  const open = async () => (await readdir('/proc/self/fd')).length;
  const openBefore = await open();
  call.cancel();
  await until('the memory is free again', () => node.storage.readSlabs.freeBytes === free);
  await until('the file is closed', async () => (await open()) < openBefore);
});

test('a client that takes its messages slowly, but takes them, is served to the end', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, streamIdleTimeoutMs: 20_000, shutdownDeadlineMs: 1 });
  const data = randomBytes(20 * 256 * 1024);
  await putBytes(node.storage.store, 'steady', data);
  const { path, requestSerialize, responseDeserialize } = storageService.getChunk;
  const request = { chunkId: 'steady', offset: 0, length: 0, messageBytes: 0 };
  const received: Uint8Array[] = [];
  for await (const message of node.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
  )) {
    received.push(message.data);
    // Keepalives are every 30 s; their answers come in between.
    clock.advance(2500);
    await health(node.client);
  }
  assert.ok(data.equals(Buffer.concat(received)));
  node.client.close();
});

test('a stream that is given up while the client takes nothing never gives it bytes of another chunk', async () => {
  const clock = new VirtualClock();
  const closing = Promise.withResolvers<void>();
  await using node = await testNode({
    disk: slowToClose('stalled', closing.promise),
    clock,
    streamIdleTimeoutMs: 20_000,
    shutdownDeadlineMs: 1,
  });
  const stalled = randomBytes(3_000_000);
  await putBytes(node.storage.store, 'stalled', stalled);
  await putBytes(node.storage.store, 'other', randomBytes(3_000_000));
  const free = node.storage.readSlabs.freeBytes;
  const session = connectHttp2(`http://127.0.0.1:${node.server.port}`);
  session.on('error', () => {});
  const stream = session.request({
    ':method': 'POST',
    ':path': storageService.getChunk.path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  const request = GetChunkRequest.encode({ chunkId: 'stalled', offset: 0, length: 0, messageBytes: 0 }).finish();
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request]));
  await until('the client has what its window takes', () => stream.readableLength > 0);
  await health(node.client);
  clock.advance(20_000);
  await until('the memory is free again', () => node.storage.readSlabs.freeBytes === free);
  await get(node.client, { chunkId: 'other' });
  const pieces: Buffer[] = [];
  stream.on('data', (piece) => pieces.push(piece));
  await until('all has come', () => stream.closed || Buffer.concat(pieces).length > 262_144);
  closing.resolve();
  const came = Buffer.concat(pieces);
  const data = came.subarray(came.indexOf(stalled.subarray(0, 16)));
  assert.ok(
    data.equals(stalled.subarray(0, data.length)),
    `${data.length} bytes came, of which some were never stored`,
  );
  session.destroy();
  if (!session.destroyed) await once(session, 'close');
  node.client.close();
});

/** The file of one chunk is closed only when `mayClose` says so. */
function slowToClose(chunkId: string, mayClose: Promise<void>): Disk {
  return {
    ...systemDisk,
    openForReading: async (path, how) => {
      const file = await systemDisk.openForReading(path, how);
      if (!path.endsWith(chunkId)) return file;
      return {
        read: (buffer, at) => file.read(buffer, at),
        write: (buffer, at) => file.write(buffer, at),
        sync: () => file.sync(),
        sizeBytes: () => file.sizeBytes(),
        close: () => mayClose.then(() => file.close()),
      };
    },
  };
}

test('delete removes the chunk; a second one, and all else, is NOT_FOUND', async () => {
  await using node = await testNode();
  await put(node.client, { chunkId: 'gone', data: randomBytes(10) });
  assert.deepEqual(await remove(node.client, 'gone'), { success: true, errorMessage: '' });
  await assert.rejects(remove(node.client, 'gone'), failsWith('NOT_FOUND'));
  await assert.rejects(get(node.client, { chunkId: 'gone' }), failsWith('NOT_FOUND'));
  await assert.rejects(remove(node.client, '../x'), failsWith('INVALID_ARGUMENT'));
});

test('the listing and the health check tell what is stored', async () => {
  await using node = await testNode();
  for (const chunkId of ['b', 'a', 'C']) await put(node.client, { chunkId, data: randomBytes(10) });
  const listed = await list(node.client);
  assert.deepEqual(
    listed.map(({ chunkId, fileBytes }) => [chunkId, fileBytes]),
    [
      ['C', 12_288],
      ['a', 12_288],
      ['b', 12_288],
    ],
  );
  assert.ok(listed.every(({ storedAtMs }) => Math.abs(Date.now() - storedAtMs) < 60_000));
  assert.deepEqual(
    (await list(node.client, { afterChunkId: 'C', limit: 1 })).map(({ chunkId }) => chunkId),
    ['a'],
  );
  await assert.rejects(list(node.client, { limit: -1 }), failsWith('INVALID_ARGUMENT'));
  const { chunkCount, serverId, status, totalSpace, usedSpace, availableSpace } = await health(node.client);
  assert.deepEqual([chunkCount, serverId, status], [3, 'node-test', 'healthy']);
  assert.ok(totalSpace >= usedSpace + availableSpace && availableSpace > 0);
});
