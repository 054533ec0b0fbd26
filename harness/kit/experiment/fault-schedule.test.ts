import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartFailed } from '../cluster/target.ts';
import type { Fault } from '../faults/fault.ts';
import { until } from '../testing/until.ts';
import { FaultSchedule } from './fault-schedule.ts';
import type { PlannedFault } from './plan.ts';

const planned = (id: string, atMs: number, forMs: number, on = 'node-1'): PlannedFault => {
  return { id, name: 'any', on, parameters: {}, atMs, forMs };
};

function scheduleOf(behaviour: Partial<Fault> = {}) {
  const told: string[] = [];
  const make = ({ id }: PlannedFault): Fault => ({
    start: async () => {},
    stop: async () => {},
    describe: () => `${id} breaks`,
    ...behaviour,
  });
  const schedule = new FaultSchedule(make, ({ fault, state, what }) => told.push(`${fault} ${state}: ${what}`));
  const states = () => told.map((line) => line.slice(0, line.indexOf(':')));
  return { schedule, told, states };
}

const never = new AbortController().signal;
const hourMs = 3_600_000;

test('a fault is started and stopped, and each step is told before and after', async () => {
  const { schedule, states } = scheduleOf();
  await schedule.run([planned('f1', 0, 1)], never);
  assert.deepEqual(states(), ['f1 starting', 'f1 started', 'f1 stopping', 'f1 stopped']);
});

test('healing ends what stands, last one first, and nothing begins any more', async () => {
  const { schedule, states } = scheduleOf();
  const load = new AbortController();
  const running = schedule.run(
    [planned('f1', 0, hourMs), planned('f2', 10, hourMs), planned('f3', hourMs, 1)],
    load.signal,
  );
  await until({ what: 'both to stand', withinMs: 5_000, pollMs: 1 }, () => states().includes('f2 started'));
  load.abort();
  await running;
  await schedule.heal();
  assert.deepEqual(states().slice(4), ['f2 stopping', 'f2 stopped', 'f1 stopping', 'f1 stopped']);
});

test('a fault that cannot be started is told, undone as far as it goes, and not healed again', async () => {
  let stops = 0;
  const { schedule, told } = scheduleOf({
    start: () => Promise.reject(new Error('no chunk file is there')),
    stop: async () => void stops++,
  });
  await schedule.run([planned('f1', 0, 1)], never);
  await schedule.heal();
  assert.equal(told.at(-1), 'f1 failed: f1 breaks: no chunk file is there');
  assert.equal(stops, 1);
});

test('a fault waits until the one before it on the same part has ended, however long that takes', async () => {
  const slow = Promise.withResolvers<void>();
  const { schedule, states } = scheduleOf({ stop: () => slow.promise });
  const running = schedule.run(
    [planned('f1', 0, 1), planned('f2', 2, 1, 'cluster'), planned('f3', 2, 1, 'gateway-1'), planned('f4', 0, 5)],
    never,
  );
  const began = ['f1 starting', 'f3 starting', 'f4 starting'];
  await until({ what: 'others to begin', withinMs: 5_000, pollMs: 1 }, () =>
    began.every((one) => states().includes(one)),
  );
  assert.equal(states().includes('f2 starting'), false);
  slow.resolve();
  await running;
  assert.ok(states().indexOf('f1 stopped') < states().indexOf('f2 starting'));
});

test('a service that does not come up again is told, and left to the verdict', async () => {
  const { schedule, told } = scheduleOf({ stop: () => Promise.reject(new StartFailed('node-1 did not start')) });
  await schedule.run([planned('f1', 0, 1)], never);
  await schedule.heal();
  assert.equal(told.at(-1), 'f1 failed: f1 breaks: node-1 did not start');
});

test('a fault that the harness cannot mend spoils the run', async () => {
  const { schedule } = scheduleOf({ stop: () => Promise.reject(new Error('the proxy is gone')) });
  await schedule.run([planned('f1', 0, 1)], never);
  await assert.rejects(schedule.heal(), (error: AggregateError) => /proxy is gone/.test(String(error.errors[0])));
});

test('so does one that began by half, and of which that half stays', async () => {
  const { schedule, told } = scheduleOf({
    start: () => Promise.reject(new Error('one way is closed, the other is not')),
    stop: () => Promise.reject(new Error('the proxy is gone')),
  });
  await schedule.run([planned('f1', 0, 1)], never);
  assert.equal(told.at(-1), 'f1 failed: f1 breaks: one way is closed, the other is not');
  await assert.rejects(schedule.heal(), (error: AggregateError) => /proxy is gone/.test(String(error.errors[0])));
});

test('but not one that did not begin since its service does not start', async () => {
  const broken = () => Promise.reject(new StartFailed('node-1 did not start'));
  const { schedule } = scheduleOf({ start: broken, stop: broken });
  await schedule.run([planned('f1', 0, 1)], never);
  await schedule.heal();
});
