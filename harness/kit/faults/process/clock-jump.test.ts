import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServiceProcess } from '../../cluster/managed-process.ts';
import { freePort } from '../../cluster/ports.ts';
import { WaitedInVain } from '../../testing/until.ts';
import { during } from '../fault.ts';
import { leverSettings } from '../lever.ts';
import { clockJump } from './clock-jump.ts';

const hourMs = 3_600_000;

const tellTheTime = `
  import { createServer } from 'node:http';
  const times = () => ({
    now: Date.now(),
    made: new Date().getTime(),
    text: Date.parse(Date()),
    fixed: new Date(5).getTime(),
    isDate: new Date() instanceof Date,
    monotonic: performance.now(),
  });
  createServer((_, response) => response.end(JSON.stringify(times()))).listen(process.env.PORT, '127.0.0.1', () => {
    console.log(JSON.stringify({ msg: 'ready' }));
  });
`;

test('a jump of the clock moves all ways to ask for the time, and no other clock, until it is over', async () => {
  await using clock = await aClock('node-1');
  for (const ms of [hourMs, -hourMs]) {
    const before = await clock.times();
    const fault = clockJump(clock.service, clock.controlDir, ms);
    await during(fault, async () => {
      const { now, made, text, fixed, isDate, monotonic } = await clock.times();
      // The text has whole seconds.
      for (const time of [now, made, text]) assertNear(time, Date.now() + ms);
      assert.deepEqual({ fixed, isDate }, { fixed: 5, isDate: true });
      assert.ok(monotonic > before.monotonic && monotonic < before.monotonic + hourMs / 2);
    });
    assertNear((await clock.times()).now, Date.now());
    assert.equal(fault.describe(), `the clock of node-1 is 3600000 ms ${ms > 0 ? 'ahead' : 'behind'}`);
  }
});

test('a clock that jumped is still off after a new start of the process', async () => {
  await using clock = await aClock('node-1');
  await during(clockJump(clock.service, clock.controlDir, hourMs), async () => {
    await clock.service.kill('SIGKILL');
    await clock.service.start();
    assertNear((await clock.times()).now, Date.now() + hourMs);
  });
});

test('a process that was not started for it is not said to have jumped', async () => {
  await using clock = await aClock('another name');
  await assert.rejects(clockJump(clock.service, clock.controlDir, hourMs).start(), WaitedInVain);
});

function assertNear(time: number, expected: number): void {
  assert.ok(Math.abs(time - expected) < 20_000, `${time} is not near ${expected}`);
}

async function aClock(startedAs: string) {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-clock-'));
  const port = await freePort();
  const controlDir = join(dir, 'control');
  await writeFile(join(dir, 'clock.mjs'), tellTheTime);
  const service = new ServiceProcess({
    name: 'node-1',
    entryPoint: join(dir, 'clock.mjs'),
    logFile: join(dir, 'clock.log'),
    address: `127.0.0.1:${port}`,
    dataDir: null,
    environment: { ...leverSettings(controlDir, startedAs), PORT: String(port) },
  });
  await service.start();
  const times = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(5_000) });
    return (await answer.json()) as Record<'now' | 'made' | 'text' | 'fixed' | 'monotonic', number> & {
      isDate: boolean;
    };
  };
  return {
    service,
    controlDir,
    times,
    [Symbol.asyncDispose]: async () => {
      await service.stop();
      await rm(dir, { recursive: true });
    },
  };
}
