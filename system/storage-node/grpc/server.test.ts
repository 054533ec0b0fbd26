import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { Client, ServiceError } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { service as healthService } from 'grpc-health-check';
import { systemClock } from '../../common/clock.ts';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { filesIn, getBytes, putBytes, testStore } from '../chunks/store.fixture.ts';
import { connect, failsWith, get, health, put, startPut, testNode, until } from './node.fixture.ts';
import { RunningCalls } from './running-calls.ts';
import { listenGrpc } from './server.ts';

test('a put that runs when the node stops is finished, new calls are UNAVAILABLE', async () => {
  const clock = new VirtualClock();
  await using node = await testNode({ clock, shutdownDeadlineMs: 5000 });
  const data = randomBytes(300_000);
  const stream = startPut(node.client);
  await stream.send({ chunkId: 'finish', data });
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  const stopped = node.server[Symbol.asyncDispose]();
  const late = connect(node.server.port);
  await assert.rejects(put(late, { chunkId: 'late', data }), failsWith('UNAVAILABLE'));
  late.close();
  clock.advance(4999);
  await stream.send({ data });
  assert.equal((await stream.end()).size, 600_000);
  await stopped;
  assert.ok(Buffer.concat([data, data]).equals(await getBytes(node.storage.store, 'finish')));
});

test('a put that does not finish within the deadline is broken off, and leaves nothing', async () => {
  await using node = await testNode({ shutdownDeadlineMs: 50 });
  const stream = startPut(node.client);
  await stream.send({ chunkId: 'never', data: randomBytes(300_000) });
  await until('the chunk has begun', async () => (await filesIn(node.storage)).tmp.length === 1);
  await node.server[Symbol.asyncDispose]();
  await assert.rejects(stream.response, (error: ServiceError) => error.code !== 0);
  assert.deepEqual(await filesIn(node.storage), { chunks: [], tmp: [] });
});

test('a health watcher hears that the node stops, and does not hold it up', async () => {
  await using node = await testNode({ shutdownDeadlineMs: 5000 });
  const { path, requestSerialize, responseDeserialize } = healthService['Watch'] as MethodDefinition<object, object>;
  const request = { service: 'storage.StorageService' };
  const watch = node.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
  const heard: unknown[] = [];
  watch.on('data', ({ status }) => heard.push(status)).on('error', () => {});
  await until('the watcher hears the first status', () => heard.length === 1);
  const startedAtMs = performance.now();
  await node.server[Symbol.asyncDispose]();
  assert.ok(performance.now() - startedAtMs < 2000);
  assert.deepEqual(heard, ['SERVING', 'NOT_SERVING']);
});

test('reflection names the services that are there', async () => {
  await using node = await testNode();
  const file = new URL(
    '../../../node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
    import.meta.url,
  );
  const loaded = loadSync(file.pathname, { keepCase: true });
  const reflection = loaded['grpc.reflection.v1.ServerReflection'] as Record<string, MethodDefinition<object, object>>;
  const { path, requestSerialize, responseDeserialize } = reflection['ServerReflectionInfo'] as MethodDefinition<
    object,
    object
  >;
  const call = node.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  call.write({ list_services: '' });
  const answer = await new Promise<{ list_services_response: { service: { name: string }[] } }>((resolve, reject) =>
    call.once('data', resolve).once('error', reject),
  );
  call.end();
  const names = answer.list_services_response.service.map(({ name }) => name);
  assert.ok(names.includes('storage.StorageService') && names.includes('grpc.health.v1.Health'), names.join());
});

test('a port that is taken is the failure of the operating system', async () => {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const { port } = other.address() as { port: number };
  await using storage = await testStore();
  const parts = {
    store: storage.store,
    calls: new RunningCalls(),
    serverId: 'x',
    instanceId: 'y',
    clusterId: () => undefined,
    isRefused: () => false,
    streamIdleTimeoutMs: 1,
    heap: { passed: () => undefined },
    clock: systemClock,
  };
  const listening = listenGrpc(
    { ...parts, log: createLogger('test', 'silent'), failpoints: noFailpoints },
    { host: '127.0.0.1', port, shutdownDeadlineMs: 1 },
  );
  await assert.rejects(listening, { code: 'EADDRINUSE', port });
  other.close();
});

test('streams side by side do not mix', async () => {
  await using node = await testNode({ io: 'direct' });
  const chunks = Array.from({ length: 24 }, (_, n) => ({ id: `mix-${n}`, data: randomBytes(1_500_000 + n * 1000) }));
  await Promise.all(chunks.map(({ id, data }) => putBytes(node.storage.store, id, data)));
  const outcomes = await Promise.allSettled(chunks.map(({ id }) => get(node.client, { chunkId: id })));
  // The test store has memory for 16 readers: those beyond are refused, at once and in so many words.
  for (const [n, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') failsWith('UNAVAILABLE', /memory/)(outcome.reason as ServiceError);
    else assert.ok(chunks[n]?.data.equals(Buffer.concat(outcome.value.map(({ data }) => data))));
  }
  assert.ok(outcomes.filter(({ status }) => status === 'fulfilled').length >= 16);
  assert.equal((await health(node.client)).chunkCount, 24);
});

test('an unknown method is UNIMPLEMENTED', async () => {
  await using node = await testNode();
  const none = () => Buffer.alloc(0);
  const call = (client: Client) =>
    new Promise((resolve, reject) =>
      client.makeUnaryRequest('/storage.StorageService/Nothing', none, none, {}, (error) =>
        error ? reject(error) : resolve(0),
      ),
    );
  await assert.rejects(call(node.client), failsWith('UNIMPLEMENTED'));
});

test('a health check tells which process this is, whose data it has, and that a gateway refuses it', async () => {
  let isRefused = false;
  await using node = await testNode({ clusterId: 'cluster-1', isRefused: () => isRefused });
  const { instanceId, clusterId, status } = await health(node.client);
  assert.deepEqual([instanceId, clusterId, status], ['instance-test', 'cluster-1', 'healthy']);
  isRefused = true;
  assert.equal((await health(node.client)).status, 'refused');
});
