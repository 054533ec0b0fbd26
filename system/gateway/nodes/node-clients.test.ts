import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import {
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { crc32c } from '@node-rs/crc32';
import { FRAME_HEADROOM_BYTES, frameData, putChunkData } from '../../../proto/data-frame.ts';
import type {
  GetChunkRequest,
  GetChunkResponse,
  ListChunksRequest,
  ListChunksResponse,
  PutChunkRequest,
  PutChunkResponse,
  VerifyChunkResponse,
} from '../../../proto/gen/storage.ts';
import { storageService } from '../../../proto/storage-service.ts';
import { KiB, MiB } from '../../common/bytes.ts';
import { systemClock } from '../../common/clock.ts';
import { systemRandom } from '../../common/random.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import type { ChunkReader } from '../objects/ports.ts';
import { membershipOf } from '../placement/membership.ts';
import { NodeClients } from './node-clients.ts';

type Put = ServerReadableStream<PutChunkRequest, PutChunkResponse>;
type List = ServerWritableStream<ListChunksRequest, ListChunksResponse>;
type Get = ServerWritableStream<GetChunkRequest, GetChunkResponse>;

interface FakeNode {
  listChunks?: (call: List) => void;
  verifyChunk?: (call: unknown, respond: sendUnaryData<VerifyChunkResponse>) => void;
  putChunk?: (call: Put, respond: sendUnaryData<PutChunkResponse>) => void;
  getChunk?: (call: Get) => void;
}

const signal = new AbortController().signal;
const span = { offset: 0, length: 0 };

/** Clients of one node, which is a real gRPC server that behaves as the test says. */
async function connectTo(node: FakeNode, clock = systemClock) {
  const { server, port } = await serve(node);
  const nodes = clientsOf(port, clock);
  return Object.assign(nodes, {
    [Symbol.asyncDispose]: async () => {
      nodes[Symbol.dispose]();
      server.forceShutdown();
    },
  });
}

async function serve(node: FakeNode, wantedPort = 0): Promise<{ server: Server; port: number }> {
  const server = new Server();
  const unimplemented = () => undefined;
  server.addService(storageService, {
    putChunk: node.putChunk ?? unimplemented,
    getChunk: node.getChunk ?? unimplemented,
    deleteChunk: unimplemented,
    healthCheck: unimplemented,
    listChunks: node.listChunks ?? unimplemented,
    verifyChunk: node.verifyChunk ?? unimplemented,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wantedPort}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { server, port };
}

function clientsOf(port: number, clock = systemClock): NodeClients {
  const nodes = new NodeClients({ clock, random: systemRandom, heap: { passed: () => undefined } });
  const grpcAddress = `127.0.0.1:${port}`;
  const figures = { availableBytes: 1, usedBytes: 0, totalBytes: 1, heartbeatAgeMs: 0 };
  nodes.update(membershipOf([{ serverId: 'n', grpcAddress, status: 'active', ...figures }]));
  return nodes;
}

function frame(data: Buffer): Buffer {
  const buffer = Buffer.concat([Buffer.alloc(FRAME_HEADROOM_BYTES), data]);
  return frameData(putChunkData, buffer, data.length, crc32c(data));
}

async function readAll(reader: ChunkReader): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let next = await reader.next(); next !== undefined; next = await reader.next()) pieces.push(next.data);
  return Buffer.concat(pieces);
}

const answer = { chunkId: 'c', success: true, errorMessage: '', checksum: 'abc', alreadyStored: false };

test('a chunk arrives at a gRPC server as it was written, and its answer comes back', async () => {
  const received: PutChunkRequest[] = [];
  await using nodes = await connectTo({
    putChunk: (call, respond) => {
      call.on('data', (message: PutChunkRequest) => received.push(message));
      call.on('end', () => respond(null, { ...answer, size: 600_000 }));
    },
  });
  const writer = nodes.writeChunk('n', 'the-id', signal);
  const data = Buffer.alloc(200_000, 'x');
  for (let turn = 0; turn < 3; turn++) await writer.write(frame(data));
  assert.deepEqual(await writer.finish(600_000), { sizeBytes: 600_000, sha256: 'abc' });
  assert.equal(received[0]?.chunkId, 'the-id');
  assert.ok(Buffer.concat(received.map((message) => message.data)).equals(Buffer.concat([data, data, data])));
  assert.equal(received.at(-1)?.totalSize, 600_000);
});

const kinds = [
  [status.NOT_FOUND, 'absent'],
  [status.DATA_LOSS, 'damaged'],
  [status.RESOURCE_EXHAUSTED, 'full'],
  [status.UNAVAILABLE, 'unavailable'],
  [status.INVALID_ARGUMENT, 'refused'],
] as const;

for (const [code, kind] of kinds) {
  test(`status ${status[code]} of a write or a read is the failure "${kind}", with the node's words`, async () => {
    await using nodes = await connectTo({
      putChunk: (_call, respond) => respond({ code, details: 'so says the naïve node' }),
      getChunk: (call) => call.emit('error', { code, details: 'so says the naïve node' }),
    });
    const expected = { kind, serverId: 'n', message: /naïve node/ };
    const writer = nodes.writeChunk('n', 'c', signal);
    await assert.rejects(writer.finish(0), expected);
    await assert.rejects(writer.write(frame(Buffer.alloc(9))), expected);
    await assert.rejects(nodes.readChunk('n', 'c', span, 1_000, signal).next(), expected);
  });
}

test('a write that is given up never reaches the node as a whole chunk', async () => {
  const ended = Promise.withResolvers<void>();
  const received: PutChunkRequest[] = [];
  await using nodes = await connectTo({
    putChunk: (call) => {
      call.on('data', (message: PutChunkRequest) => received.push(message));
      call.on('error', () => undefined);
      call.on('cancelled', () => ended.resolve());
    },
  });
  const writer = nodes.writeChunk('n', 'c', signal);
  await writer.write(frame(Buffer.alloc(100)));
  writer.abort();
  await ended.promise;
  assert.equal(received[0]?.totalSizeFollows, true);
  assert.ok(received.every((message) => message.totalSize === undefined));
  await assert.rejects(writer.finish(100), { kind: 'cancelled' });
});

test('an aborted signal ends writes and reads', async () => {
  await using nodes = await connectTo({});
  const abort = new AbortController();
  const writing = nodes.writeChunk('n', 'c', abort.signal).finish(0);
  const reading = nodes.readChunk('n', 'c', span, 1_000, abort.signal).next();
  abort.abort();
  await assert.rejects(writing, { kind: 'cancelled' });
  await assert.rejects(reading, { kind: 'cancelled' });
});

test('a read gives what the node sent before it failed, and then the failure', async () => {
  const data = Buffer.alloc(5_000, 'y');
  await using nodes = await connectTo({
    getChunk: (call) => {
      call.write({ data, dataCrc32c: crc32c(data) }, () =>
        call.emit('error', { code: status.DATA_LOSS, details: 'rot' }),
      );
    },
  });
  const reader = nodes.readChunk('n', 'c', span, 5_000, signal);
  assert.ok((await reader.next())?.data.equals(data));
  await assert.rejects(reader.next(), { kind: 'damaged' });
});

test('data that does not match its CRC is never given', async () => {
  const data = Buffer.alloc(5_000, 'y');
  await using nodes = await connectTo({
    getChunk: (call) => {
      call.write({ data, dataCrc32c: crc32c(data) ^ 1 });
      call.end();
    },
  });
  await assert.rejects(nodes.readChunk('n', 'c', span, 5_000, signal).next(), { kind: 'damaged' });
});

/** How many bytes the node could send to a reader that asked once only. It gets them all when it asks on. */
async function sentAhead(messageBytes: number): Promise<number> {
  let sent = 0;
  const data = Buffer.alloc(16_000, 'z');
  const total = 200;
  await using nodes = await connectTo({
    getChunk: (call) => {
      const more = () => {
        if (sent === total) return call.end();
        sent++;
        call.write({ data, dataCrc32c: crc32c(data) }, more);
      };
      more();
    },
  });
  const reader = nodes.readChunk('n', 'c', span, messageBytes, signal);
  const first = await reader.next();
  for (let quietTurns = 0; quietTurns < 1_000; quietTurns++) {
    const before = sent;
    await new Promise(setImmediate);
    if (sent !== before) quietTurns = 0;
  }
  const ahead = sent * data.length;
  const rest = await readAll(reader);
  assert.equal((first?.data.length ?? 0) + rest.length, total * data.length);
  return ahead;
}

test('a reader that is not asked takes no more than its window, which is wider for larger messages, and then everything', async () => {
  const [many, some, few] = [await sentAhead(32 * KiB), await sentAhead(128 * KiB), await sentAhead(256 * KiB)];
  assert.ok(many < some && some < few && few < MiB, `${many}, ${some} and ${few} bytes`);
});

test('a node that is silent fails by its deadline', async () => {
  const clock = new VirtualClock();
  await using nodes = await connectTo({}, clock);
  const reading = nodes.readChunk('n', 'c', span, 1_000, signal).next();
  const writing = nodes.writeChunk('n', 'c', signal).finish(0);
  clock.advance(60_000);
  await assert.rejects(reading, { kind: 'deadline' });
  await assert.rejects(writing, { kind: 'deadline' });
});

test('a writer that has nothing to send keeps its stream alive with empty messages', async () => {
  const clock = new VirtualClock();
  const [begun, empty] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let messages = 0;
  const onMessage = () => (++messages === 1 ? begun : empty).resolve();
  await using nodes = await connectTo(
    { putChunk: (call) => void call.on('data', onMessage), getChunk: (call) => void call.end() },
    clock,
  );
  const writer = nodes.writeChunk('n', 'c', signal);
  await begun.promise;
  for (const ms of [7_000, 7_000, 1_000]) {
    clock.advance(ms);
    // Behind the ping that was due, over the same connection: whoever answers this has answered the ping.
    await nodes.readChunk('n', 'c', span, MiB, signal).next();
  }
  await empty.promise;
  writer.abort();
});

test('a node that is not there, or is no member, is unavailable at once, and its breaker opens', async () => {
  const port = await freePort();
  using nodes = clientsOf(port);
  for (let turn = 0; turn < 3; turn++) {
    await assert.rejects(nodes.readChunk('n', 'c', span, 1_000, signal).next(), { kind: 'unavailable' });
  }
  assert.equal(nodes.isReachable('n'), false);
  await assert.rejects(nodes.writeChunk('n', 'c', signal).finish(0), { kind: 'unavailable', message: /left alone/ });
  nodes.returned('n');
  assert.equal(nodes.isReachable('n'), true);
  await assert.rejects(nodes.writeChunk('stranger', 'c', signal).finish(0), { kind: 'unavailable', message: /member/ });
  await assert.rejects(nodes.deleteChunk('stranger', 'c'), { kind: 'unavailable' });
});

test('a node that is known to be back is called at once, although the connection was waiting for its next try', async () => {
  const port = await freePort();
  using nodes = clientsOf(port);
  const verify = () => nodes.verifyChunk('n', 'c', 1, signal);
  // Each failure makes the library wait longer before it connects anew.
  for (let turn = 0; turn < 2; turn++) await assert.rejects(verify(), { kind: 'unavailable' });
  const answer = { size: 7, checksum: 'abc' };
  const { server } = await serve({ verifyChunk: (_call, respond) => respond(null, answer) }, port);
  using _server = { [Symbol.dispose]: () => server.forceShutdown() };
  await assert.rejects(verify(), { kind: 'unavailable' }, 'the connection still waits');
  nodes.returned('n');
  assert.deepEqual(await verify(), { sizeBytes: 7, sha256: 'abc' });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a listing asks for a page and resolves with its ids in order', async () => {
  await using nodes = await connectTo({
    listChunks: (call) => {
      const { afterChunkId, limit } = call.request;
      for (let at = 1; at <= limit; at++) {
        call.write({ chunkId: `${afterChunkId}${at}`, fileBytes: 1, storedAtMs: 1 });
      }
      call.end();
    },
  });
  assert.deepEqual(await nodes.listChunks('n', 'a', 3, signal), ['a1', 'a2', 'a3']);
});

test('a listing that breaks is the failure of the node, not a short list', async () => {
  await using nodes = await connectTo({
    listChunks: (call) => {
      call.write({ chunkId: 'a', fileBytes: 1, storedAtMs: 1 });
      call.emit('error', { code: status.UNAVAILABLE, details: 'stopping' });
    },
  });
  await assert.rejects(nodes.listChunks('n', '', 3, signal), { kind: 'unavailable', serverId: 'n' });
});

test('a verification resolves with what the node read, or tells what is wrong with it', async () => {
  const found = { size: 7, checksum: 'ab' };
  await using good = await connectTo({ verifyChunk: (_call, respond) => respond(null, found) });
  assert.deepEqual(await good.verifyChunk('n', 'c', 7, signal), { sizeBytes: 7, sha256: 'ab' });
  for (const [code, kind] of [
    [status.DATA_LOSS, 'damaged'],
    [status.NOT_FOUND, 'absent'],
  ] as const) {
    await using bad = await connectTo({ verifyChunk: (_call, respond) => respond({ code }) });
    await assert.rejects(bad.verifyChunk('n', 'c', 7, signal), { kind });
  }
});

test('a verification that is not wanted any more is given up at once', async () => {
  await using nodes = await connectTo({ verifyChunk: () => undefined });
  const stop = new AbortController();
  const verifying = nodes.verifyChunk('n', 'c', 7, stop.signal);
  stop.abort();
  await assert.rejects(verifying, { kind: 'cancelled' });
});

test('a listing that nobody wanted when it was begun, or wants any more, is given up at once', async () => {
  await using nodes = await connectTo({ listChunks: () => undefined });
  const stop = new AbortController();
  const listing = nodes.listChunks('n', '', 3, stop.signal);
  stop.abort();
  await assert.rejects(listing, { kind: 'cancelled' });
  await assert.rejects(nodes.listChunks('n', '', 3, stop.signal), { kind: 'cancelled' });
});
