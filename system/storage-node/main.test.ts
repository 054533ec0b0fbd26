import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './chunks/store.fixture.ts';
import { connect, get, put, startPut, until } from './grpc/node.fixture.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A node in a process of its own. */
function spawnNode(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  child.stderr?.on('data', (text) => {
    output += text;
  });
  const exited = once(child, 'close').then(([code]) => ({ code, output }));
  const ready = async () => {
    await until('the ready line', () => output.includes('"msg":"ready"'));
    const line = output.split('\n').find((text) => text.includes('"msg":"ready"')) as string;
    return JSON.parse(line) as { grpc: string; server_id: string };
  };
  return {
    child,
    exited,
    ready,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function dataDir() {
  const path = await temporaryDirectory();
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test('bad settings end the process with code 2 and a list of all of them', async () => {
  await using node = spawnNode({ SEXTANT_NODE_PORT: 'x', SEXTANT_NODE_QUOTA_BYTES: 'much' });
  const { code, output } = await node.exited;
  assert.equal(code, 2);
  for (const key of ['SEXTANT_NODE_DATA_DIR', 'SEXTANT_NODE_PORT', 'SEXTANT_NODE_QUOTA_BYTES']) {
    assert.ok(output.includes(key), output);
  }
});

test('a busy port ends the process with code 1 and names the port and the setting', async () => {
  await using dir = await dataDir();
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const { port } = other.address() as { port: number };
  await using node = spawnNode({ SEXTANT_NODE_DATA_DIR: dir.path, SEXTANT_NODE_PORT: String(port) });
  const { code, output } = await node.exited;
  assert.equal(code, 1);
  assert.ok(output.includes(String(port)) && output.includes('SEXTANT_NODE_PORT'), output);
  other.close();
});

test('a node keeps its name and its chunks over a kill, sweeps what was unfinished, and stops cleanly', async () => {
  await using dir = await dataDir();
  const env = { SEXTANT_NODE_DATA_DIR: dir.path, SEXTANT_NODE_PORT: '0' };
  const data = Buffer.from('survives');
  let serverId: string;
  {
    await using first = spawnNode(env);
    const ready = await first.ready();
    serverId = ready.server_id;
    const client = connect(Number(ready.grpc.split(':')[1]));
    await put(client, { chunkId: 'kept', data });
    const stream = startPut(client);
    await stream.send({ chunkId: 'unfinished', data: Buffer.alloc(300_000) });
    await until('the chunk has begun', async () => (await readdir(`${dir.path}/tmp`)).length === 1);

    await using second = spawnNode(env);
    const refused = await second.exited;
    assert.equal(refused.code, 2);
    assert.match(refused.output, new RegExp(`in use by process ${first.child.pid}`));

    first.child.kill('SIGKILL');
    await first.exited;
    client.close();
  }
  await using again = spawnNode(env);
  const ready = await again.ready();
  assert.equal(ready.server_id, serverId);
  assert.deepEqual(await readdir(`${dir.path}/tmp`), []);
  const client = connect(Number(ready.grpc.split(':')[1]));
  assert.deepEqual(Buffer.concat((await get(client, { chunkId: 'kept' })).map((message) => message.data)), data);
  client.close();
  again.child.kill('SIGTERM');
  assert.equal((await again.exited).code, 0);
  assert.ok(!(await readdir(dir.path)).includes('lock'));
});
