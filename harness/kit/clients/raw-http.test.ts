import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { until } from '../testing/until.ts';
import { RawConnection } from './raw-http.ts';

test('a connection that has just ended its side can be reset, and closes', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await RawConnection.open(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  connection.endSending();
  connection.reset();
  await connection.closed(2000);
  server.close();
});

test('a server that takes no connection costs the deadline and no socket', async () => {
  // One that is stopped: the machine takes connections for it until its queue is full.
  const program = `require('node:net').createServer().listen(0, '127.0.0.1', 1, function () { console.log(this.address().port); })`;
  const stopped = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(stopped.stdout, 'data');
  const port = Number(line);
  stopped.kill('SIGSTOP');
  const filling = Array.from({ length: 4 }, () => connect({ host: '127.0.0.1', port }).on('error', () => {}));
  try {
    const taken = () => filling.filter(({ pending }) => !pending).length;
    await until({ what: 'the queue to be full', withinMs: 5000 }, () => taken() === 2);
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    await assert.rejects(RawConnection.open(new URL(`http://127.0.0.1:${port}`), 200), { name: 'AbortError' });
    await until({ what: 'the socket to be closed', withinMs: 2000 }, () => sockets() === before);
  } finally {
    for (const socket of filling) socket.destroy();
    stopped.kill('SIGKILL');
  }
});
