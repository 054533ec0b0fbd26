import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, WaitedInVain } from './until.ts';

test('waiting gives back what the probe found', async () => {
  let asked = 0;
  const found = await until({ what: 'the third look', withinMs: 5_000, pollMs: 1 }, () =>
    ++asked === 3 ? 'it' : null,
  );
  assert.deepEqual([found, asked], ['it', 3]);
});

test('a wait in vain names what was waited for and the last error', async () => {
  const probe = () => {
    throw new Error('connection refused');
  };
  await assert.rejects(until({ what: 'the node to answer', withinMs: 20, pollMs: 5 }, probe), (error: WaitedInVain) => {
    assert.match(error.message, /waited 0.02 s for the node to answer/);
    assert.match(String(error.cause), /connection refused/);
    return error instanceof WaitedInVain;
  });
});

test('an aborted wait ends at once with the reason', async () => {
  const reason = new Error('the case is over');
  const waiting = until({ what: 'never', withinMs: 60_000, signal: AbortSignal.abort(reason) }, () => false);
  await assert.rejects(waiting, reason);
});
