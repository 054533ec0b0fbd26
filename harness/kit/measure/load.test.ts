import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLoad } from './load.ts';

test('each operation runs once, and never more of them at a time than there are clients', async () => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  const { latenciesMs } = await runLoad(4, 50, async (index) => {
    running += 1;
    most = Math.max(most, running);
    seen.push(index);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  });
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, index) => index),
  );
  assert.equal(most, 4);
  assert.equal(latenciesMs.length, 50);
});

test('an operation that fails ends the load', async () => {
  const failing = async (index: number) => {
    if (index === 3) throw new Error('refused');
  };
  await assert.rejects(runLoad(2, 10, failing), /refused/);
});
