import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from './plan.ts';
import { MalformedPlan, planText, readPlan } from './read-plan.ts';
import { smallPlan } from './small-plan.fixture.ts';

function complaintOf(change: (plan: { -readonly [K in keyof Plan]: Plan[K] }) => void): string {
  const plan = structuredClone(smallPlan);
  change(plan);
  try {
    readPlan(planText(plan), 'plan.json');
  } catch (error) {
    assert.ok(error instanceof MalformedPlan);
    return error.message;
  }
  return 'none';
}

test('a plan is the same after it was written and read', () => {
  assert.deepEqual(readPlan(planText(smallPlan), 'plan.json'), smallPlan);
});

test('what is no JSON is refused by the name of where it came from', () => {
  assert.throws(() => readPlan('{"format":', 'runs/x/plan.json'), /runs\/x\/plan\.json is no JSON/);
});

test('a plan of another format is refused', () => {
  assert.match(
    complaintOf((plan) => Object.assign(plan, { format: 2 })),
    /format: .*expected 1/,
  );
});

test('every place that is wrong is named', () => {
  const told = complaintOf((plan) => {
    Object.assign(plan.limits, { operationMs: 0 });
    Object.assign(plan.clients[0]?.operations[0]?.call ?? {}, { kind: 'rename' });
    Object.assign(plan.cluster, { gatways: 2 });
  });
  assert.match(told, /limits\.operationMs/);
  assert.match(told, /clients\.0\.operations\.0\.call\.kind/);
  assert.match(told, /gatways/);
});

test('an operation on a gateway that there is not is refused', () => {
  const told = complaintOf((plan) => Object.assign(plan.clients[1]?.operations[0] ?? {}, { gateway: 1 }));
  assert.match(told, /clients\.1\.operations\.0\.gateway: is 1, and there are 1 gateways/);
});

test('two clients or two faults of one name are refused', () => {
  const told = complaintOf((plan) => {
    Object.assign(plan.clients[1] ?? {}, { name: plan.clients[0]?.name });
    Object.assign(plan.faults[1] ?? {}, { id: plan.faults[0]?.id });
  });
  assert.match(told, /client-1 is there twice/);
  assert.match(told, /f1 is there twice/);
});
