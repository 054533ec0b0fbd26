/** What PostgreSQL itself does too rarely to wait for: a server that is made by hand, and speaks just enough of the protocol. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../common/clock.ts';
import { createLogger } from '../../common/log.ts';
import { systemRandom } from '../../common/random.ts';
import { StoreError } from '../objects/errors.ts';
import { Database, idempotent, stubborn } from './database.ts';

/** A message of the server: its kind, its length, its content (PostgreSQL, chapter "Message Formats"). */
function message(kind: string, content: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + content.length);
  return kind + length.toString('latin1') + content;
}

const authenticated = message('R', '\0\0\0\0');
const readyForQuery = message('Z', 'I');
const terminated = message('E', 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');

test('a connection that is closed with the very bytes that make it ready ends no process', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(authenticated + readyForQuery + terminated, 'latin1'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await using database = new Database(
      {
        url: `postgres://nobody@127.0.0.1:${port}/nothing`,
        poolMin: 1,
        poolMax: 4,
        connectTimeoutMs: 500,
        statementTimeoutMs: 500,
      },
      { clock: systemClock, random: systemRandom, log: createLogger('test', 'silent') },
    );
    const asked = database.query('ask', 'SELECT 1', [], { ...idempotent, repeats: 0 });
    await assert.rejects(asked, (error) => error instanceof StoreError && error.code === 'DatabaseUnavailable');
  } finally {
    server.close();
  }
});

test('a commit whose answer was lost stays one of unknown outcome, also when no connection is to be had for asking again', async () => {
  await using database = new Database(
    {
      url: 'postgres://nobody@127.0.0.1:1/nothing',
      poolMin: 0,
      poolMax: 1,
      connectTimeoutMs: 500,
      statementTimeoutMs: 500,
    },
    { clock: systemClock, random: systemRandom, log: createLogger('test', 'silent') },
  );
  let attempts = 0;
  const committed = database.repeating(stubborn, async (sent) => {
    if (++attempts > 1) throw new StoreError('Overloaded', 'too many requests are waiting for the database');
    sent();
    throw new Error('Connection terminated unexpectedly');
  });
  await assert.rejects(committed, (error) => error instanceof StoreError && error.code === 'OutcomeUnknown');
});
