import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from './plan.ts';
import { shrinkPlan } from './shrink-plan.ts';
import { smallPlan } from './small-plan.fixture.ts';

const keysPut = (plan: Plan) =>
  plan.clients.flatMap(({ operations }) => operations.flatMap(({ call }) => (call.kind === 'put' ? [call.value] : [])));

test('faults, clients and operations that a failure does not need are left out', async () => {
  const needed = async (plan: Plan) => plan.faults.some(({ id }) => id === 'f2') && keysPut(plan).includes('v2');
  const small = await shrinkPlan(smallPlan, needed);
  assert.deepEqual(small.faults, [smallPlan.faults[1]]);
  assert.deepEqual(small.clients, [{ name: 'client-1', operations: [smallPlan.clients[0]?.operations[1]] }]);
  assert.equal(small.loadMs, 3_000, 'the load ends soon after the last fault');
});

test('a failure that needs two clients keeps both, each in its order', async () => {
  const needed = async (plan: Plan) => ['v1', 'v2', 'v3'].every((value) => keysPut(plan).includes(value));
  const small = await shrinkPlan(smallPlan, needed);
  assert.deepEqual(small.faults, []);
  assert.deepEqual(
    small.clients.map(({ name, operations }) => [name, operations.length]),
    [
      ['client-1', 2],
      ['client-2', 1],
    ],
  );
});

test('time that the failure needs is not taken from it', async () => {
  const small = await shrinkPlan(smallPlan, async ({ loadMs }) => loadMs === smallPlan.loadMs);
  assert.deepEqual(small, { ...smallPlan, faults: [], clients: [] });
});

test('what stays of a plan is as it was', async () => {
  const asked: Plan[] = [];
  await shrinkPlan(smallPlan, async (plan) => {
    asked.push(plan);
    return plan.faults.length > 0;
  });
  for (const { cluster, limits, seed } of asked) {
    assert.deepEqual({ cluster, limits, seed }, { cluster: smallPlan.cluster, limits: smallPlan.limits, seed: '7' });
  }
});
