import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fault } from './fault.ts';
import { together } from './together.ts';

describe('faults together', () => {
  test('start one after the other, and stop the other way round', async () => {
    const { told, fault } = recorder();
    const both = together([fault('a'), fault('b')]);
    await both.start();
    await both.stop();
    assert.deepEqual(told, ['start a', 'start b', 'stop b', 'stop a']);
    assert.equal(both.describe(), 'a is broken, b is broken');
  });

  test('of which one does not start leave nothing broken', async () => {
    const { told, fault } = recorder();
    await assert.rejects(together([fault('a'), fault('b', 'start'), fault('c')]).start(), /b does not start/);
    assert.deepEqual(told, ['start a', 'stop b', 'stop a'], 'b may have started by half');
  });

  test('of which one does not start, nor stop, say so when they are stopped', async () => {
    const { told, fault } = recorder();
    const both = together([fault('a'), fault('b', 'start', 'stop')]);
    await assert.rejects(both.start(), /b does not start/);
    await assert.rejects(both.stop(), (error: AggregateError) => /b does not stop/.test(String(error.errors[0])));
    assert.deepEqual(told, ['start a', 'stop a']);
  });

  test('of which one does not stop stop the others, and say so', async () => {
    const { told, fault } = recorder();
    const all = together([fault('a'), fault('b', 'stop')]);
    await all.start();
    await assert.rejects(all.stop(), /not every fault could be stopped: b does not stop/);
    assert.deepEqual(told, ['start a', 'start b', 'stop a']);
  });
});

function recorder() {
  const told: string[] = [];
  const step = async (what: 'start' | 'stop', name: string, failsAt: readonly string[]) => {
    if (failsAt.includes(what)) throw new Error(`${name} does not ${what}`);
    told.push(`${what} ${name}`);
  };
  const fault = (name: string, ...failsAt: ('start' | 'stop')[]): Fault => ({
    start: () => step('start', name, failsAt),
    stop: () => step('stop', name, failsAt),
    describe: () => `${name} is broken`,
  });
  return { told, fault };
}
