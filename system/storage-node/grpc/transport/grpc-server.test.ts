import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PutChunkRequest } from '../../../../proto/gen/storage.ts';
import { storageService } from '../../../../proto/storage-service.ts';
import { KiB, MiB } from '../../../common/bytes.ts';
import { VirtualClock } from '../../../common/virtual-clock.ts';
import { faultyDisk } from '../../chunks/faulty-disk.fixture.ts';
import { filesIn, getBytes, putBytes } from '../../chunks/store.fixture.ts';
import { systemDisk } from '../../chunks/system-disk.ts';
import { failsWith, health, put, remove, testNode, until } from '../node.fixture.ts';
import { GrpcError } from './grpc-error.ts';
import { PREFIX_BYTES, writePrefix } from './message-splitter.ts';

const HEADERS = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

async function session(port: number): Promise<ClientHttp2Session & AsyncDisposable> {
  const client = connectHttp2(`http://127.0.0.1:${port}`);
  client.on('error', () => {});
  await once(client, 'connect');
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.destroy() });
}

function framed(message: Partial<PutChunkRequest>, compress = false): Buffer {
  const whole = { chunkId: '', data: Buffer.alloc(0), checksum: '', ...message };
  const plain = PutChunkRequest.encode({ ...whole, dataCrc32c: undefined, totalSize: undefined }).finish();
  const body = compress ? gzipSync(plain) : plain;
  const bytes = Buffer.concat([Buffer.alloc(PREFIX_BYTES), body]);
  writePrefix(bytes, 0, body.length);
  if (compress) bytes[0] = 1;
  return bytes;
}

/** All that the server says on a stream: headers and trailers together. */
async function answer(stream: ReturnType<ClientHttp2Session['request']>): Promise<Record<string, unknown>> {
  const said = {};
  stream
    .on('response', (headers) => Object.assign(said, headers))
    .on('trailers', (headers) => Object.assign(said, headers));
  stream.resume();
  await once(stream, 'close');
  return said;
}

test('a stream that is reset in the middle, without an error, is not taken for one that was ended', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  for (const code of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]) {
    const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path });
    stream.on('error', () => {});
    stream.write(framed({ chunkId: `reset-${code}`, data: randomBytes(1000) }));
    await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
    stream.close(code);
    await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  }
  assert.deepEqual((await filesIn(node.storage)).chunks, []);
});

test('compressed messages are taken, first and later ones', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  const data = Buffer.alloc(200_000, 'compressible ');
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path, 'grpc-encoding': 'gzip' });
  stream.write(framed({ chunkId: 'zipped', data }, true));
  stream.write(framed({ data }, false));
  stream.end(framed({ data }, true));
  assert.equal((await answer(stream))['grpc-status'], '0');
  assert.ok(Buffer.concat([data, data, data]).equals(await getBytes(node.storage.store, 'zipped')));
});

test('of a compressed message too the data goes to the disk as it comes', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path, 'grpc-encoding': 'gzip' });
  stream.on('error', () => {});
  const data = randomBytes(3 * MiB);
  const bytes = framed({ chunkId: 'zipped', data }, true);
  stream.write(bytes.subarray(0, -1));
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  stream.end(bytes.subarray(-1));
  assert.equal((await answer(stream))['grpc-status'], '0');
  assert.ok(data.equals(await getBytes(node.storage.store, 'zipped')));
});

test('a compressed message that the client cuts, or that is none, leaves nothing', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  const whole = framed({ chunkId: 'zipped', data: randomBytes(MiB) }, true);
  const cut = Buffer.concat([Buffer.alloc(PREFIX_BYTES), whole.subarray(PREFIX_BYTES, -5)]);
  writePrefix(cut, 0, cut.length - PREFIX_BYTES);
  cut[0] = 1;
  const noise = Buffer.from(whole).fill(7, PREFIX_BYTES + 1000, PREFIX_BYTES + 2000);
  for (const bytes of [cut, noise]) {
    const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path, 'grpc-encoding': 'gzip' });
    stream.end(bytes);
    assert.equal((await answer(stream))['grpc-status'], '13');
  }
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path, 'grpc-encoding': 'gzip' });
  stream.on('error', () => {});
  stream.write(whole.subarray(0, -1));
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  stream.close(constants.NGHTTP2_CANCEL);
  await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  assert.deepEqual((await filesIn(node.storage)).chunks, []);
});

test('what is not gRPC is refused, and does no harm', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  const json = client.request({
    ...HEADERS,
    'content-type': 'application/json',
    ':path': storageService.healthCheck.path,
  });
  assert.equal((await answer(json))[':status'], 415);
  const get = client.request({ ':path': '/' });
  assert.equal((await answer(get))[':status'], 415);
  assert.equal((await health(node.client)).status, 'healthy');
});

test('a call that takes one message is refused none, two, or one that makes no sense', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  const one = Buffer.from([0, 0, 0, 0, 0]);
  const nonsense = Buffer.from([0, 0, 0, 0, 1, 0xff]);
  for (const [bytes, code] of [
    [Buffer.alloc(0), '12'],
    [Buffer.concat([one, one]), '12'],
    [nonsense, '3'],
    [one.subarray(0, 3), '13'],
  ] as const) {
    const stream = client.request({ ...HEADERS, ':path': storageService.getChunk.path });
    stream.end(bytes);
    assert.equal((await answer(stream))['grpc-status'], code);
  }
});

test('the one message of a call that moves no data may have 64 KiB', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  for (const [bytes, code] of [
    [64 * KiB, '3'],
    [64 * KiB + 1, '8'],
  ] as const) {
    const message = Buffer.concat([Buffer.alloc(PREFIX_BYTES), Buffer.alloc(bytes, 0xff)]);
    writePrefix(message, 0, bytes);
    const stream = client.request({ ...HEADERS, ':path': storageService.deleteChunk.path });
    stream.end(message);
    assert.equal((await answer(stream))['grpc-status'], code);
  }
});

test('a call whose deadline passes ends with DEADLINE_EXCEEDED, and a put leaves nothing', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, shutdownDeadlineMs: 1 });
  await using client = await session(node.server.port);
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path, 'grpc-timeout': '2S' });
  stream.write(framed({ chunkId: 'late', data: randomBytes(1000) }));
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  const said = answer(stream);
  clock.advance(2000);
  await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  // The client goes on sending into the void, and is reset in the end.
  stream.write(framed({ data: randomBytes(1000) }));
  clock.advance(5000);
  assert.equal((await said)['grpc-status'], '4');
  node.client.close();
});

test('a call whose one message does not come within the idle time is given up, whatever its method', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, streamIdleTimeoutMs: 20_000, shutdownDeadlineMs: 1 });
  await using client = await session(node.server.port);
  const statuses: unknown[] = [];
  const { getChunk, listChunks, deleteChunk, verifyChunk, healthCheck } = storageService;
  for (const { path } of [getChunk, listChunks, deleteChunk, verifyChunk, healthCheck]) {
    const stream = client.request({ ...HEADERS, ':path': path });
    stream.on('error', () => {}).on('response', (headers) => statuses.push(headers['grpc-status']));
    stream.write(Buffer.from([0, 0]));
  }
  const last = client.request({ ...HEADERS, ':path': '/none' });
  last.end();
  await answer(last);
  clock.advance(20_000);
  await until('all calls are answered', () => statuses.length === 5);
  assert.deepEqual(statuses, Array(5).fill('4'));
  node.client.close();
});

test('a client that sends a message so slowly that it takes longer than the idle time is not idle', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, streamIdleTimeoutMs: 20_000, shutdownDeadlineMs: 1 });
  await using client = await session(node.server.port);
  const data = randomBytes(350_000);
  const bytes = Buffer.concat([framed({ chunkId: 'slow' }), framed({ data })]);
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path });
  for (let at = 0; at < bytes.length; at += 100_000) {
    stream.write(bytes.subarray(at, at + 100_000));
    const sentBytes = Math.min(at + 100_000, bytes.length) - 2 * PREFIX_BYTES;
    await until('the node has it', () => node.passedBytes() >= sentBytes);
    clock.advance(9000);
  }
  stream.end();
  assert.equal((await answer(stream))['grpc-status'], '0');
  assert.ok(data.equals(await getBytes(node.storage.store, 'slow')));
  node.client.close();
});

test('the data of a first message goes to the disk as it comes, so that a client that stalls in it holds no memory', async () => {
  await using node = await testNode();
  await using client = await session(node.server.port);
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path });
  stream.on('error', () => {});
  stream.write(framed({ chunkId: 'stalls', data: randomBytes(4 * MiB) }).subarray(0, 3 * MiB));
  await until('most of it is in the temporary file', async () => {
    const [name] = (await filesIn(node.storage)).tmp;
    return name !== undefined && (await stat(join(node.storage.dir.tmp, name))).size >= 2 * MiB;
  });
});

test('a client that takes nothing for too long loses its stream, and its memory is free again', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, streamIdleTimeoutMs: 20_000, shutdownDeadlineMs: 1 });
  await putBytes(node.storage.store, 'stalled', randomBytes(3_000_000));
  const free = node.storage.readSlabs.freeBytes;
  await using client = await session(node.server.port);
  const stream = client.request({ ...HEADERS, ':path': storageService.getChunk.path });
  stream.on('error', () => {});
  const request = Buffer.from([0, 0, 0, 0, 9, 0x0a, 7, ...Buffer.from('stalled')]);
  stream.end(request);
  await until('the node sends', () => node.storage.readSlabs.freeBytes < free);
  clock.advance(20_000);
  await until('the memory is free again', () => node.storage.readSlabs.freeBytes === free);
  node.client.close();
});

test('a connection whose peer does not answer is given up, with its streams', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, shutdownDeadlineMs: 1 });
  await using client = await session(node.server.port);
  const stream = client.request({ ...HEADERS, ':path': storageService.putChunk.path });
  stream.on('error', () => {});
  stream.write(framed({ chunkId: 'half-open', data: randomBytes(1000) }));
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  // Both in one go: the peer has no chance to answer in between.
  clock.advance(40_000);
  await until('the temporary file is gone', async () => (await filesIn(node.storage)).tmp.length === 0);
  node.client.close();
});

test('a connection whose peer reads nothing is given up, and the memory of its streams is free again', async () => {
  const clock = new VirtualClock();
  let reads = 0;
  const disk = faultyDisk(systemDisk, { before: (operation) => void (operation === 'read' && reads++) });
  await using node = await testNode({ disk, clock, shutdownDeadlineMs: 1 });
  // More than the buffers of the sockets on the way hold.
  await putBytes(node.storage.store, 'unread', randomBytes(40_000_000));
  const free = node.storage.readSlabs.freeBytes;
  await using peer = await frozenPeer(node.server.port);
  const stream = peer.client.request({ ...HEADERS, ':path': storageService.getChunk.path });
  stream.on('error', () => {});
  stream.once('data', () => peer.freeze());
  stream.end(Buffer.from([0, 0, 0, 0, 8, 0x0a, 6, ...Buffer.from('unread')]));
  await once(stream, 'data');
  await until('the node can send no more', async () => {
    const readsBefore = reads;
    for (let round = 0; round < 20; round++) await health(node.client);
    return reads === readsBefore;
  });
  clock.advance(40_000);
  await until('the memory is free again', () => node.storage.readSlabs.freeBytes === free);
  node.client.close();
});

/** A client with room for all that is sent, until it stops reading from its connection. */
async function frozenPeer(port: number) {
  const upstream = connectTcp(port, '127.0.0.1');
  const between = createServer((socket) => void socket.pipe(upstream).pipe(socket)).listen(0, '127.0.0.1');
  await once(between, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(between.address() as AddressInfo).port}`, {
    settings: { initialWindowSize: 64 * MiB },
  });
  for (const end of [client, upstream]) end.on('error', () => {});
  await once(client, 'connect');
  client.setLocalWindowSize(64 * MiB);
  return {
    client,
    freeze: () => upstream.unpipe().pause(),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      upstream.destroy();
      between.close();
    },
  };
}

test('a failure that nobody foresaw is INTERNAL and tells the client nothing', async () => {
  await using node = await testNode();
  node.storage.store.startPut = () => {
    throw new TypeError('secret /path');
  };
  const failing = put(node.client, { chunkId: 'x', data: Buffer.from('x') });
  await assert.rejects(failing, failsWith('INTERNAL', /^the node met an unexpected fault; its log says more$/));
});

test('the text of a failure arrives as it is, whatever its characters', async () => {
  await using node = await testNode();
  node.storage.store.delete = async () => {
    throw new GrpcError(10, '50 % – größer, "quoted"\n\ud800');
  };
  await assert.rejects(remove(node.client, 'x'), failsWith('ABORTED', /^50 % – größer, "quoted"\n\ufffd$/));
});
