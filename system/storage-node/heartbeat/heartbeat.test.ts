import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { type HeartbeatParts, startHeartbeats } from './heartbeat.ts';

type Answer = (signal: AbortSignal) => Response | Promise<Response>;

/** Heartbeats in virtual time, to gateways that answer as `answer` says. */
function heartbeats(answer: Answer, overrides: Partial<HeartbeatParts> = {}) {
  const clock = new VirtualClock();
  const requests: { url: string; body: unknown; authorization: string | null }[] = [];
  const lines: string[] = [];
  const log = {
    child: () => log,
    info: (_: unknown, line: string) => lines.push(`info ${line}`),
    warn: (_: unknown, line: string) => lines.push(`warn ${line}`),
    error: ({ reason }: { reason: string }, line: string) => lines.push(`error ${line}: ${reason}`),
  } as unknown as Logger;
  const learned: string[] = [];
  const refusedBy = new Set<string>();
  const beats = startHeartbeats({
    gateways: ['http://gateway:8080'],
    intervalMs: 10_000,
    clusterToken: 'secret',
    serverId: 'node-1',
    instanceId: 'instance-1',
    cluster: {
      value: 'cluster-1',
      learn: async (clusterId) => learned.push(clusterId) > 0 && clusterId === 'cluster-1',
    },
    refusedBy,
    grpcAddress: '127.0.0.1:50051',
    space: async () => ({ availableBytes: 70, usedBytes: 30, totalBytes: 100 }),
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      requests.push({
        url: String(url),
        body: JSON.parse(String(init?.body)),
        authorization: headers.get('authorization'),
      });
      return answer(init?.signal as AbortSignal);
    },
    clock,
    random: { uuid: () => '', below: () => 0 },
    log,
    failpoints: noFailpoints,
    ...overrides,
  });
  return { clock, requests, lines, learned, refusedBy, [Symbol.asyncDispose]: () => beats[Symbol.asyncDispose]() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const active: Answer = () => Response.json({ status: 'active' });

test('the first heartbeat comes at once and says who the node is and how full', async () => {
  await using beats = heartbeats(active);
  await settled();
  assert.deepEqual(beats.requests, [
    {
      url: 'http://gateway:8080/internal/heartbeat',
      authorization: 'Bearer secret',
      body: {
        server_id: 'node-1',
        instance_id: 'instance-1',
        cluster_id: 'cluster-1',
        grpc_address: '127.0.0.1:50051',
        available_space: 70,
        used_space: 30,
        total_space: 100,
      },
    },
  ]);
});

test('heartbeats follow each other by the interval, to every gateway', async () => {
  await using beats = heartbeats(active, { gateways: ['http://one', 'http://two'] });
  await settled();
  for (let beat = 0; beat < 3; beat++) {
    beats.clock.advance(10_000);
    await settled();
  }
  assert.equal(beats.requests.filter(({ url }) => url.startsWith('http://one')).length, 4);
  assert.equal(beats.requests.filter(({ url }) => url.startsWith('http://two')).length, 4);
});

test('a gateway that is away is tried again within the interval, and is one line in the log, and one when it is back', async () => {
  let away = true;
  await using beats = heartbeats(() => {
    if (away) throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
    return Response.json({ status: 'active' });
  });
  for (let second = 0; second < 60; second++) {
    await settled();
    beats.clock.advance(1000);
  }
  assert.ok(beats.requests.length >= 10, `${beats.requests.length} tries in a minute`);
  away = false;
  for (let second = 0; second < 20; second++) {
    await settled();
    beats.clock.advance(1000);
  }
  assert.deepEqual(beats.lines, ['warn the gateway does not take heartbeats', 'info the gateway knows this node']);
});

test('a gateway that does not answer is given up after five seconds', async () => {
  const hang: Answer = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  await using beats = heartbeats(hang);
  await settled();
  beats.clock.advance(4999);
  await settled();
  assert.deepEqual(beats.lines, []);
  beats.clock.advance(1);
  await settled();
  assert.deepEqual(beats.lines, ['warn the gateway does not take heartbeats']);
});

test('a node that is refused says why at error level, once, and goes on asking until it is taken', async () => {
  const error = 'node-1 is another node, at 10.0.0.9:50051';
  let answer = () => Response.json({ error, code: 'NodeRefused' }, { status: 409 });
  await using beats = heartbeats(() => answer());
  for (let second = 0; second < 30; second++) {
    await settled();
    beats.clock.advance(1000);
  }
  assert.deepEqual(beats.lines, [`error the gateway refuses this node; it goes on asking: ${error}`]);
  assert.deepEqual([...beats.refusedBy], ['http://gateway:8080']);
  answer = () => Response.json({ status: 'active' });
  for (let second = 0; second < 20; second++) {
    await settled();
    beats.clock.advance(1000);
  }
  assert.equal(beats.lines[1], 'info the gateway knows this node');
  assert.equal(beats.refusedBy.size, 0);
});

test('a node learns its cluster from the answer, and refuses a gateway of another one', async () => {
  const clusters = ['cluster-1', 'cluster-2'];
  await using beats = heartbeats(() => Response.json({ status: 'active', cluster_id: clusters.shift() }));
  await settled();
  assert.equal(beats.refusedBy.size, 0);
  beats.clock.advance(10_000);
  await settled();
  assert.deepEqual(beats.learned, ['cluster-1', 'cluster-2']);
  assert.match(beats.lines[1] ?? '', /^error .*belongs to cluster cluster-1, and the gateway to cluster-2$/);
  assert.equal(beats.refusedBy.size, 1);
});

test('when the node stops, no timer and no heartbeat is left', async () => {
  const beats = heartbeats(active);
  await settled();
  await beats[Symbol.asyncDispose]();
  beats.clock.advance(60_000);
  await settled();
  assert.deepEqual([beats.requests.length, beats.clock.pending], [1, 0]);
});

test('a disk that does not answer keeps no node from stopping, and is told of after five seconds', async () => {
  const beats = heartbeats(active, { space: () => new Promise(() => {}) });
  await settled();
  beats.clock.advance(5000);
  await settled();
  assert.deepEqual(beats.lines, ['warn the gateway does not take heartbeats']);
  beats.clock.advance(10_000);
  await settled();
  await beats[Symbol.asyncDispose]();
  assert.deepEqual([beats.requests.length, beats.clock.pending], [0, 0]);
});
