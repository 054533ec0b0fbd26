import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../experiment/plan.ts';
import { planText, readPlan } from '../experiment/read-plan.ts';
import { checkedEntry } from '../faults/catalogue.ts';
import { keepsPromise } from '../faults/packages/promise-limits.ts';
import { allScenarios, scenarioNamed } from './all.ts';
import { planOf } from './scenario.ts';
import { swarm } from './swarm.ts';

const seeds = Array.from({ length: 100 }, (_, n) => String(n));

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
    for (const seed of seeds.slice(0, 20)) {
      const { faults, loadMs } = planned(name, seed);
      for (const fault of faults) {
        checkedEntry(fault);
        assert.ok(fault.atMs > 0 && fault.atMs + fault.forMs < loadMs, `${name} ${seed}: ${JSON.stringify(fault)}`);
      }
    }
  }
});

test('no plan asks more of the store than it promises', () => {
  for (const { name } of allScenarios) {
    for (const seed of name === swarm.name ? seeds : seeds.slice(0, 10)) {
      const { faults, cluster } = planned(name, seed, 20_000);
      assert.ok(keepsPromise(faults, { ...cluster, hasLinks: true }), `${name} ${seed}: ${JSON.stringify(faults)}`);
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

test('an unknown scenario is refused with the names that there are', () => {
  assert.throws(() => scenarioNamed('node-crash'), /there is no scenario node-crash, but: calm, node-crashes/);
});
