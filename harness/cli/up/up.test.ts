import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../../kit/cluster/ports.ts';
import { choosePorts } from './choose-ports.ts';
import { passedOnSettings } from './passed-on-settings.ts';

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { [Symbol.dispose]: () => void server.close() };
}

test('a busy REST or S3 port is refused by name, with the option that changes it', async () => {
  const restPort = await freePort();
  using _listener = await listenOn(restPort);
  const s3Port = await freePort();
  const wanted = { restPort, s3Port, firstNodePort: await freePort(), areNodePortsNamed: false, nodes: 1 };
  await assert.rejects(choosePorts(wanted, assert.fail), new RegExp(`port ${restPort}, for REST, is taken.*--port`));
  const swapped = { ...wanted, restPort: s3Port, s3Port: restPort };
  await assert.rejects(choosePorts(swapped, assert.fail), new RegExp(`port ${restPort}, for S3, is taken.*--s3-port`));
});

test('a busy node port that was named is refused, one by default is passed over and told', async () => {
  const firstNodePort = await freePort();
  using _listener = await listenOn(firstNodePort);
  const [restPort, s3Port] = [await freePort(), await freePort()];
  const wanted = { restPort, s3Port, firstNodePort, areNodePortsNamed: true, nodes: 2 };
  const silent = () => assert.fail('nothing is to be told');
  await assert.rejects(choosePorts(wanted, silent), new RegExp(`port ${firstNodePort} is taken.*--node-port`));

  const told: string[] = [];
  const { nodes } = await choosePorts({ ...wanted, areNodePortsNamed: false }, (line) => told.push(line));
  assert.equal(nodes.length, 2);
  assert.equal(nodes.includes(firstNodePort), false);
  assert.match(told.join(), new RegExp(`port ${firstNodePort} is taken`));
});

test('settings of the services are passed on, except what the driver decides', () => {
  const environment = { SEXTANT_LOG_LEVEL: 'debug', SEXTANT_NODE_PORT: '1', SEXTANT_POSTGRES_URL: 'x', HOME: '/root' };
  assert.deepEqual(passedOnSettings(environment), { SEXTANT_LOG_LEVEL: 'debug' });
});
