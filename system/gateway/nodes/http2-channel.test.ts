import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { MiB } from '../../common/bytes.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { Http2Channel } from './http2-channel.ts';

/**
 * A port at which connections are neither made nor refused, as that of a node which the network has swallowed: its
 * process stands still, and the kernel keeps no more connections for it than those that were made here.
 */
async function silentPort() {
  const program = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      process.kill(process.pid, 'SIGSTOP');
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  const sockets: Socket[] = [];
  for (let made = 0; made < 2; made++) {
    const socket = connect(Number(port), '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
  }
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

test('a connection that is not made within ten seconds is given up, so that the next call tries another', async () => {
  using silent = await silentPort();
  const clock = new VirtualClock();
  using channel = new Http2Channel(silent.address, MiB, clock);
  const call = channel.open('/a');
  const failed = once(call, 'error');
  const { session } = call;
  assert.ok(session?.connecting, 'the connection was made');
  clock.advance(10_000);
  assert.ok(session.destroyed, 'the connection is still being made');
  await failed;
  assert.notEqual(channel.open('/a').on('error', () => undefined).session, session);
});

/** Frames of HTTP/2 (RFC 9113 sections 6.5 and 6.9): whoever gets them may send 64 MiB at once, on each stream and on all together. */
function generousWindows(): Buffer {
  const windowBytes = 64 * MiB;
  const settings = Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
  settings.writeUInt32BE(windowBytes, 11);
  const update = Buffer.from([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  update.writeUInt32BE(windowBytes, 9);
  return Buffer.concat([settings, update]);
}

test('a connection to a node that reads nothing is given up, with what waits to be written to it', {
  timeout: 10_000,
}, async (t) => {
  const peers: Socket[] = [];
  const server = createServer((peer) => {
    peers.push(peer);
    peer.pause().on('error', () => undefined);
    peer.write(generousWindows());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const peer of peers) peer.destroy();
    server.close();
  });
  const clock = new VirtualClock();
  using channel = new Http2Channel(`127.0.0.1:${(server.address() as AddressInfo).port}`, MiB, clock);
  const call = channel.open('/a').on('error', () => undefined);
  const { session } = call;
  assert.ok(session);
  await once(session, 'remoteSettings');
  call.write(Buffer.alloc(32 * MiB));
  await new Promise(setImmediate);
  const closed = new Promise((resolve) => session.once('close', resolve));
  clock.advance(10_000);
  await closed;
});
