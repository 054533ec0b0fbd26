import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { JobLoop } from './job-loop.ts';

function loopOf(job: () => Promise<unknown>) {
  const clock = new VirtualClock();
  const loop = new JobLoop('test', 60_000, { clock, log: createLogger('test', 'silent') }, job);
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  };
  return { loop, pass };
}

test('a run that was asked for while another gateway does the job is tried again until that one is done', async () => {
  let runs = 0;
  const { loop, pass } = loopOf(async () => (++runs < 4 ? 'busy' : 'done'));
  loop.runSoon(0);
  for (let second = 0; second < 10; second++) await pass(1_000);
  assert.equal(runs, 4);
});

test('a run by the clock is left to the gateway that does the job', async () => {
  let runs = 0;
  const { pass } = loopOf(async () => {
    runs++;
    return 'busy';
  });
  await pass(60_000);
  for (let second = 0; second < 10; second++) await pass(1_000);
  assert.equal(runs, 1);
});

test('a run that is asked for during another comes after it, once', async () => {
  const gates: (() => void)[] = [];
  const { loop, pass } = loopOf(() => new Promise<void>((resolve) => gates.push(resolve)));
  void loop.run();
  for (let ask = 0; ask < 3; ask++) loop.runSoon(0);
  await pass(0);
  assert.equal(gates.length, 1);
  gates[0]?.();
  await pass(0);
  assert.equal(gates.length, 2);
  gates[1]?.();
  await pass(0);
  assert.equal(gates.length, 2);
});

test('a run that is asked for soon does not wait for one that was asked for later', async () => {
  let runs = 0;
  const { loop, pass } = loopOf(async () => {
    runs++;
  });
  loop.runSoon(30_000);
  loop.runSoon(1_000);
  loop.runSoon(20_000);
  await pass(1_000);
  assert.equal(runs, 1);
  await pass(30_000);
  assert.equal(runs, 1, 'calls in between are one');
});
