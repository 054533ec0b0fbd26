import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { runContainer } from './run-container.ts';
import { networkVariable } from './runtime.ts';

test('a container that was made but cannot be used is removed, and nobody waits for its end', async () => {
  await using engine = await standInEngine();
  for (const refused of ['start', 'json']) {
    engine.refuse(refused);
    await assert.rejects(runContainer(order), /the container of node-1 did not start: .*not today/);
    assert.equal(engine.removals, 1, `after ${refused}`);
    assert.equal(engine.waiting, 0, `after ${refused}`);
  }
});

const order = { name: 'node-1', image: 'image', environment: {}, ports: [20_000], folders: {} };

/** An engine that has one image and refuses one thing. */
async function standInEngine() {
  let refused = '';
  let removals = 0;
  const waiting = new Set<ServerResponse>();
  const server = createServer(({ method, url = '' }, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const last = new URL(url, 'http://engine').pathname.split('/').at(-1) ?? '';
    if (url.includes('/images/')) answer(200, { Config: {} });
    else if (last === refused) answer(500, { message: 'not today' });
    else if (last === 'create') answer(201, { Id: 'id' });
    else if (last === 'wait') waiting.add(response);
    else if (method === 'DELETE') {
      removals++;
      for (const one of waiting) one.writeHead(200).end('{"StatusCode":0}');
      waiting.clear();
      answer(204, null);
    } else answer(200, {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env['DOCKER_HOST'] = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env[networkVariable] = 'network';
  return {
    refuse: (what: string) => {
      refused = what;
      removals = 0;
    },
    get removals() {
      return removals;
    },
    get waiting() {
      return waiting.size;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
