import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ArmedFailpoint, armFailpoints, type FailpointAction, noFailpoints, PAUSE_MS_MAX } from './failpoint.ts';
import { createLogger } from './log.ts';
import { VirtualClock } from './virtual-clock.ts';

function arm(action: FailpointAction, time = 1) {
  const clock = new VirtualClock();
  const seen = { crashes: 0, lines: [] as unknown[], resume: () => {} };
  const log = createLogger('test', 'silent');
  log.warn = ((fields: unknown, message: string) => void seen.lines.push([message, fields])) as typeof log.warn;
  const armed: ArmedFailpoint<'here' | 'there'>[] = [{ name: 'here', action, time }];
  const failpoints = armFailpoints(armed, {
    clock,
    log,
    crash: () => void seen.crashes++,
    onResume: (resume) => {
      seen.resume = resume;
    },
  });
  return { failpoints, clock, seen };
}

describe('failpoints', () => {
  test('unarmed ones give nothing to wait for', () => {
    assert.equal(noFailpoints.reach('here'), undefined);
    assert.equal(arm({ kind: 'crash' }).failpoints.reach('there'), undefined);
  });

  test('an armed one acts the n-th time, and never again', () => {
    const { failpoints, seen } = arm({ kind: 'crash' }, 2);
    assert.equal(failpoints.reach('here'), undefined);
    assert.ok(failpoints.reach('here') instanceof Promise);
    assert.equal(failpoints.reach('here'), undefined);
    assert.equal(seen.crashes, 1);
  });

  test('reaching one is logged before it acts', () => {
    const { failpoints, seen } = arm({ kind: 'crash' });
    void failpoints.reach('here');
    assert.deepEqual(seen.lines.at(-1), ['failpoint', { name: 'here', action: 'crash', time: 1 }]);
  });

  test('an error carries the code that was asked for', async () => {
    await assert.rejects(async () => arm({ kind: 'error', code: 'EIO' }).failpoints.reach('here'), {
      name: 'FailpointError',
      code: 'EIO',
      message: 'the failpoint here was armed to fail',
    });
  });

  test('a delay ends after its time', async () => {
    const { failpoints, clock } = arm({ kind: 'delay', delayMs: 250 });
    const reached = failpoints.reach('here');
    clock.advance(250);
    await reached;
  });

  test('a pause ends with the sign to go on, or after a minute', async () => {
    const first = arm({ kind: 'pause' });
    const resumed = first.failpoints.reach('here');
    first.seen.resume();
    await resumed;

    const second = arm({ kind: 'pause' });
    const forgotten = second.failpoints.reach('here');
    second.clock.advance(PAUSE_MS_MAX);
    await forgotten;
  });
});
