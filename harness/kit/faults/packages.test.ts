import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { PlannedFault } from '../experiment/plan.ts';
import { Choices } from '../seed/choices.ts';
import { catalogue, checkedEntry } from './catalogue.ts';
import { endMs, keepsPromise } from './packages/promise-limits.ts';
import { type ClusterShape, packages, planPackages } from './packages.ts';

const shape: fc.Arbitrary<ClusterShape> = fc.record({
  nodes: fc.integer({ min: 4, max: 9 }),
  gateways: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 1, max: 3 }),
  hasLinks: fc.boolean(),
});
const seed = fc.integer();
const durationMs = fc.integer({ min: 1_000, max: 30_000 });
const names = fc.subarray(
  packages.map(({ name }) => name),
  { minLength: 1 },
);
const aFullShape = { nodes: 6, gateways: 2, replicas: 2, hasLinks: true };

describe('packages, one or several at once', () => {
  property('plan only what the catalogue has, each under a number of its own', (faults) => {
    for (const fault of faults) checkedEntry(fault);
    assert.equal(new Set(faults.map(({ id }) => id)).size, faults.length);
  });

  property('end every fault before the load ends', (faults, _shape, ms) => {
    for (const fault of faults) assert.ok(fault.atMs >= 0 && endMs(fault) < ms, JSON.stringify(fault));
  });

  property('break no link where there is none', (faults, { hasLinks }) => {
    assert.ok(hasLinks || faults.every(({ on }) => !on.includes(' -> ')));
  });

  property('damage the data of fewer nodes than there are replicas', (faults, { replicas }) => {
    const damaged = faults.filter((fault) => checkedEntry(fault).harms === 'data of one node');
    assert.ok(new Set(damaged.map(({ on }) => on)).size <= replicas - 1);
  });

  property('never have more nodes dead or damaged at once than the promise allows', (faults, { replicas }) => {
    for (const { atMs } of faults) {
      const damaged = nodes(faults.filter((one) => harms(one) === 'data of one node' && one.atMs <= atMs));
      const dead = nodes(
        faults.filter((one) => harms(one) === 'availability' && one.atMs <= atMs && atMs <= endMs(one)),
      );
      const limit = damaged.size > 0 ? replicas - 1 : Math.max(1, replicas - 1);
      assert.ok(damaged.union(dead).size <= limit, `at ${atMs} ms`);
    }
  });

  property('are the same for the same seed', (faults, aShape, ms, aSeed, someNames) => {
    assert.deepEqual(planPackages(someNames, new Choices(aSeed), ms, aShape), faults);
  });

  test('do something, each of them, given half a minute, two replicas and links', () => {
    const empty = packages.filter(({ plan }) => plan(new Choices('some'), 30_000, aFullShape).length === 0);
    assert.deepEqual(
      empty.map(({ name }) => name),
      [],
    );
  });

  test('name every fault of the catalogue, all together', () => {
    const planned = new Set<string>();
    for (let n = 0; n < 100 && planned.size < catalogue.length; n++) {
      for (const { plan } of packages) {
        for (const { name } of plan(new Choices(n), 60_000, aFullShape)) planned.add(name);
      }
    }
    assert.deepEqual(
      catalogue.map(({ name }) => name).filter((name) => !planned.has(name)),
      [],
    );
  });

  test('of an unknown name are refused with the known ones', () => {
    assert.throws(
      () => planPackages(['flaky'], new Choices(1), 1_000, aFullShape),
      /no package flaky, but: flaky-network,/,
    );
  });
});

describe('the limits of the promise', () => {
  const kill = (on: string, atMs: number) => fault('kill', on, atMs, 1_000);
  const flip = (on: string, atMs: number) => fault('flip-bit', on, atMs, 0);

  for (const [what, faults, replicas, isKept] of [
    ['two nodes that die one after the other', [kill('node-1', 0), kill('node-2', 9_000)], 2, true],
    ['two nodes that are dead at once, of two replicas', [kill('node-1', 0), kill('node-2', 500)], 2, false],
    ['the same of three replicas', [kill('node-1', 0), kill('node-2', 500)], 3, true],
    ['damage on one node of two replicas', [flip('node-1', 0), flip('node-1', 9_000)], 2, true],
    ['damage on two nodes, however far apart', [flip('node-1', 0), flip('node-2', 50_000)], 2, false],
    ['damage of the only replica', [flip('node-1', 0)], 1, false],
    ['damage, and long after it another node that dies', [flip('node-1', 0), kill('node-2', 50_000)], 2, false],
    ['a node that dies, and long after it damage on another', [kill('node-2', 0), flip('node-1', 50_000)], 2, true],
    ['a dead node that is killed', [kill('node-1', 0), kill('node-1', 500)], 3, false],
    ['the only replica away for a while', [kill('node-1', 0)], 1, true],
    ['a drained node that is killed later', [fault('drain', 'node-1', 0, 500), kill('node-1', 50_000)], 2, false],
  ] as const) {
    test(`${isKept ? 'allow' : 'refuse'} ${what}`, () => {
      assert.equal(keepsPromise(faults, { ...aFullShape, replicas }), isKept);
    });
  }
});

type Claim = (
  faults: readonly PlannedFault[],
  shape: ClusterShape,
  durationMs: number,
  seed: number,
  names: readonly string[],
) => void;

function property(title: string, claim: Claim): void {
  test(title, () => {
    fc.assert(
      fc.property(names, seed, durationMs, shape, (someNames, aSeed, ms, aShape) => {
        claim(planPackages(someNames, new Choices(aSeed), ms, aShape), aShape, ms, aSeed, someNames);
      }),
    );
  });
}

function fault(name: string, on: string, atMs: number, forMs: number): PlannedFault {
  return { id: `${name}-${atMs}`, name, on, atMs, forMs, parameters: name === 'drain' ? { withinMs: 0 } : {} };
}

function harms(planned: PlannedFault): string {
  return checkedEntry(planned).harms;
}

function nodes(faults: readonly PlannedFault[]): Set<string> {
  return new Set(faults.flatMap(({ on }) => on.match(/node-\d+/g) ?? []));
}
