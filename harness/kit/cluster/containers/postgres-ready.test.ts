import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { letsClientsIn } from './postgres-ready.ts';

async function asked(answer: (socket: Socket) => void): Promise<boolean> {
  const server = createServer((socket) => socket.once('data', () => answer(socket))).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    return await letsClientsIn((server.address() as AddressInfo).port, 'sextant');
  } finally {
    server.close();
  }
}

test('a server that asks for a password lets clients in', async () => {
  assert.equal(await asked((socket) => socket.write('R\0\0\0\x08\0\0\0\x0a')), true);
});

test('one that says that it starts up, or hangs up as a proxy does, does not', async () => {
  assert.equal(await asked((socket) => socket.write('E\0\0\0\x08SFATAL\0')), false);
  assert.equal(await asked((socket) => socket.end()), false);
});
