import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan, PlannedFault } from '../experiment/plan.ts';
import { planText, readPlan } from '../experiment/read-plan.ts';
import { checkedEntry } from '../faults/catalogue.ts';
import { allScenarios, scenarioNamed } from './all.ts';
import { planOf } from './scenario.ts';
import { swarm } from './swarm.ts';
import { withinPromise } from './within-promise.ts';

const seeds = Array.from({ length: 150 }, (_, n) => String(n));

function planned(name: string, seed: string, loadMs = 30_000): Plan {
  return planOf(scenarioNamed(name), { seed, loadMs, target: 'processes', mutant: null });
}

test('the same seed makes the same plan, and another seed another one', () => {
  assert.deepEqual(planned('swarm', '7'), planned('swarm', '7'));
  assert.notDeepEqual(planned('swarm', '7').clients, planned('swarm', '8').clients);
});

test('every scenario makes plans that are read back as they were', () => {
  for (const { name } of allScenarios) {
    const plan = planned(name, '7', 10_000);
    assert.deepEqual(readPlan(planText(plan), name), plan);
  }
});

test('every fault of a plan fits the catalogue, begins after the load and ends before it does', () => {
  for (const { name } of allScenarios) {
    for (const seed of seeds.slice(0, 30)) {
      const { faults, loadMs } = planned(name, seed);
      for (const fault of faults) {
        checkedEntry(fault);
        assert.ok(fault.atMs > 0 && fault.atMs + fault.forMs < loadMs, `${name} ${seed}: ${JSON.stringify(fault)}`);
      }
    }
  }
});

test('no plan takes more data than its replicas can replace', () => {
  for (const { name } of allScenarios) {
    for (const seed of seeds) {
      const { faults, cluster } = planned(name, seed, 20_000);
      const damaged = new Set(
        faults.filter((one) => checkedEntry(one).harms === 'data of one node').map(({ on }) => on),
      );
      assert.ok(
        damaged.size < cluster.replicas,
        `${name} ${seed} damages ${[...damaged]} of ${cluster.replicas} replicas`,
      );
    }
  }
});

test('swarm meets every number of replicas and gateways, and every fault of its packages', () => {
  const plans = seeds.map((seed) => planned(swarm.name, seed));
  assert.deepEqual([...new Set(plans.map(({ cluster }) => cluster.replicas))].sort(), [1, 2, 3]);
  assert.deepEqual([...new Set(plans.map(({ cluster }) => cluster.gateways))].sort(), [1, 2]);
  const names = new Set(plans.flatMap(({ faults }) => faults.map(({ name }) => name)));
  assert.ok(names.size >= 15, `only ${[...names].join(', ')}`);
});

test('damage to a second node is left out with two replicas, all damage with one', () => {
  const flip = (id: string, on: string): PlannedFault => ({
    id,
    name: 'flip-bit',
    on,
    parameters: {},
    atMs: 1,
    forMs: 0,
  });
  const faults = [flip('f1', 'node-1'), flip('f2', 'node-2'), flip('f3', 'node-1')];
  assert.deepEqual(
    withinPromise(faults, { replicas: 2 }).map(({ id }) => id),
    ['f1', 'f3'],
  );
  assert.deepEqual(withinPromise(faults, { replicas: 1 }), []);
  assert.equal(withinPromise(faults, { replicas: 3 }).length, 3);
});

test('an unknown scenario is refused with the names that there are', () => {
  assert.throws(() => scenarioNamed('node-crash'), /there is no scenario node-crash, but: calm, node-crashes/);
});
