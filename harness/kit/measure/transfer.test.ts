import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureTransfer } from './transfer.ts';

test('CPU time is counted for each part alone, during the work alone, and for each GiB', async () => {
  const [gateway, node, other] = [fakeProcess(10), fakeProcess(20), fakeProcess(30)];
  const transfer = await measureTransfer(2 ** 29, { gateway: [gateway], nodes: [node, other] }, async () => {
    gateway.used += 1;
    node.used += 2;
    other.used += 3;
  });
  assert.deepEqual(transfer.cpuSecondsPerGib, { gateway: 2, nodes: 10 });
  assert.ok(Math.abs(transfer.mbPerSecond * transfer.seconds - 2 ** 29 / 1e6) < 1e-6);
});

test('where the machine does not tell CPU times, there are none', async () => {
  const transfer = await measureTransfer(1, { node: [{ cpuSeconds: () => null }] }, async () => {});
  assert.deepEqual(transfer.cpuSecondsPerGib, { node: null });
});

function fakeProcess(usedBefore: number) {
  return {
    used: usedBefore,
    cpuSeconds(): number {
      return this.used;
    },
  };
}
