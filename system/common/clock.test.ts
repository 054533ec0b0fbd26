import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock.ts';

const MONTH_MS = 30 * 86_400_000;

test('a timer that is set for a month does not fire now', async () => {
  const fired: string[] = [];
  const timers = [
    systemClock.after(MONTH_MS, () => fired.push('after')),
    systemClock.every(MONTH_MS, () => fired.push('every')),
  ];
  await new Promise<void>((resolve) => systemClock.after(20, resolve));
  for (const timer of timers) timer.cancel();
  assert.deepEqual(fired, []);
});

test('a timer that is longer than Node can set fires when its time has come, unless it was cancelled', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const fired: string[] = [];
  systemClock.after(MONTH_MS, () => fired.push('kept'));
  const cancelled = systemClock.after(MONTH_MS, () => fired.push('cancelled'));
  t.mock.timers.tick(2 ** 31 - 1);
  assert.deepEqual(fired, []);
  cancelled.cancel();
  t.mock.timers.tick(MONTH_MS - 2 ** 31);
  assert.deepEqual(fired, []);
  t.mock.timers.tick(1);
  assert.deepEqual(fired, ['kept']);
});
