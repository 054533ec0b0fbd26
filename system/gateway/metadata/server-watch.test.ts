import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../common/clock.ts';
import { createLogger } from '../../common/log.ts';
import { StoreError } from '../objects/errors.ts';
import { ServerWatch } from './server-watch.ts';
import { until } from './until.ts';

/** After which a client is to know that the database is gone. */
const toldWithinMs = 2_000;
const log = createLogger('test', 'silent');
const never = new Promise<never>(() => {});
const isRefusal = (error: unknown) => error instanceof StoreError && error.code === 'DatabaseUnavailable';

/** A server that does this with every connection, until it is told something else. */
async function serverThat(deal: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    it.deal(socket);
  }).listen(0, '127.0.0.1');
  const it = {
    deal,
    port: 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
  await once(server, 'listening');
  it.port = (server.address() as AddressInfo).port;
  return it;
}

const answer = (socket: Socket) => socket.once('data', () => socket.write('N'));
const silence = (socket: Socket) => socket.resume();

function watchOf(port: number, host = '127.0.0.1'): ServerWatch {
  return new ServerWatch({ host, port }, systemClock, log);
}

test('who waits for a server that is silent is refused in time, and so is who comes then, until it answers', async () => {
  await using server = await serverThat(silence);
  using watch = watchOf(server.port);
  const sinceMs = performance.now();
  await assert.rejects(watch.orGone(never), isRefusal);
  assert.ok(performance.now() - sinceMs < toldWithinMs);
  assert.throws(() => watch.refuseWhileGone(), isRefusal);
  server.deal = answer;
  await until('the watch to hear the server', () => {
    try {
      watch.refuseWhileGone();
      return true;
    } catch {
      return false;
    }
  });
});

test('so is who waits for one that nobody can dial, or whose name nobody knows', async () => {
  const gone = await serverThat(answer);
  await gone[Symbol.asyncDispose]();
  for (const host of ['127.0.0.1', 'no-such-host.invalid', '/no/such/folder']) {
    using watch = watchOf(gone.port, host);
    const sinceMs = performance.now();
    await assert.rejects(watch.orGone(never), isRefusal, host);
    assert.ok(performance.now() - sinceMs < toldWithinMs, host);
  }
});

test('a server that answers, however long a statement takes, is not gone', async () => {
  let heard = 0;
  await using server = await serverThat((socket) => {
    answer(socket);
    socket.once('close', () => heard++);
  });
  using watch = watchOf(server.port);
  const { promise: statement, resolve } = Promise.withResolvers<string>();
  const waiting = watch.orGone(statement);
  await until('the watch to hear the answer', () => heard > 0);
  watch.refuseWhileGone();
  resolve('done');
  assert.equal(await waiting, 'done');
});

test('an answer that comes in time is passed on, an error too, and nobody is asked', async () => {
  using watch = watchOf(1);
  assert.equal(await watch.orGone(Promise.resolve('rows')), 'rows');
  await assert.rejects(watch.orGone(Promise.reject(new TypeError('wrong'))), TypeError);
  watch.refuseWhileGone();
});

test('however many wait for a server that answers, it is asked a few times a second; when it falls silent they are refused', async () => {
  let asked = 0;
  await using server = await serverThat((socket) => {
    asked++;
    answer(socket);
  });
  using watch = watchOf(server.port);
  const sinceMs = performance.now();
  const waiting = Promise.allSettled(Array.from({ length: 100 }, () => watch.orGone(never)));
  await until('the watch to ask again', () => asked >= 3);
  // Two pauses lie between three questions.
  assert.ok(performance.now() - sinceMs > 500, `asked ${asked} times in ${performance.now() - sinceMs} ms`);
  server.deal = silence;
  for (const outcome of await waiting) assert.ok(outcome.status === 'rejected' && isRefusal(outcome.reason));
});

test('a server that is too busy for a new connection, and answers on others, is not gone', async () => {
  let asked = 0;
  await using server = await serverThat((socket) => {
    asked += 1;
    silence(socket);
  });
  using watch = watchOf(server.port);
  const { promise: statement, resolve } = Promise.withResolvers<string>();
  const waiting = watch.orGone(statement);
  // As often as it is asked in vain it has answered somebody else meanwhile.
  for (let question = 1; question <= 2; question++) {
    await until(`question ${question}`, () => asked === question);
    watch.heard();
  }
  watch.refuseWhileGone();
  resolve('the rows');
  assert.equal(await waiting, 'the rows');
});

test('one that was gone and answers anybody is there again at once', async () => {
  await using server = await serverThat(silence);
  using watch = watchOf(server.port);
  await assert.rejects(watch.orGone(never), isRefusal);
  assert.throws(() => watch.refuseWhileGone(), isRefusal);
  watch.heard();
  watch.refuseWhileGone();
});
