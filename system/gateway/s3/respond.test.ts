import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { respond } from './respond.ts';

/** A response whose client takes so many bytes and then no more. */
function response(takesBytes: number) {
  let written = 0;
  let isOver = false;
  const take = (piece: Buffer, taken: () => void) => {
    written += piece.length;
    if (written <= takesBytes) taken();
  };
  const end = (piece?: Buffer) => {
    written += piece?.length ?? 0;
    isOver = true;
  };
  const fake = {
    writeHead: () => undefined,
    write: take,
    end,
    destroy: () => undefined,
    req: { method: 'GET', socket: { destroy: end } },
  };
  return { fake: fake as unknown as ServerResponse, state: () => ({ written, isOver }) };
}

test('a client that does not read a long document is given up, and little of it waits in memory', async () => {
  const clock = new VirtualClock();
  const { fake, state } = response(200_000);
  const body = { xml: '<a>'.padEnd(3_000_000, 'x') };
  const sent = respond(fake, { status: 200, body }, { clock, idleTimeoutMs: 60_000, signal: AbortSignal.any([]) });
  const outcome = assert.rejects(sent, { code: 'ClientTooSlow' });
  await new Promise(setImmediate);
  assert.ok(state().written < 300_000 && !state().isOver, JSON.stringify(state()));
  clock.advance(60_000);
  await outcome;
  assert.ok(state().isOver);
});

test('a document is sent whole to a client that reads it', async () => {
  for (const bytes of [3, 65_536, 3_000_000]) {
    const { fake, state } = response(bytes);
    const clock = new VirtualClock();
    const deps = { clock, idleTimeoutMs: 60_000, signal: AbortSignal.any([]) };
    await respond(fake, { status: 200, body: { xml: '<a>'.padEnd(bytes, 'x') } }, deps);
    assert.deepEqual([state(), clock.pending], [{ written: bytes, isOver: true }, 0]);
  }
});
