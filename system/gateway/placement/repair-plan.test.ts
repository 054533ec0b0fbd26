import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planRepair, type Standing } from './repair-plan.ts';

const plan = (
  serverIds: readonly string[],
  problems: Record<string, 'absent' | 'damaged'> = {},
  standings: Record<string, Standing> = {},
  loads: Record<string, number> = {},
) =>
  planRepair(
    { serverIds, problems: new Map(Object.entries(problems)) },
    2,
    (serverId) => standings[serverId] ?? 'settled',
    (serverId) => loads[serverId] ?? 0.5,
  );

test('a chunk with its replicas on servers that count needs nothing', () => {
  assert.deepEqual(plan(['a', 'b']), { kind: 'nothing' });
});

test('a damaged replica comes after the good ones as a source, an absent one last', () => {
  assert.deepEqual(plan(['x', 'y', 'z'], { x: 'absent', y: 'damaged' }), {
    kind: 'make',
    missing: 1,
    good: ['z'],
    sources: ['z', 'y', 'x'],
    bad: ['x', 'y'],
  });
});

test('a replica on a server that leaves counts until the drain has moved it', () => {
  assert.deepEqual(plan(['a', 'b'], {}, { a: 'leaving' }), { kind: 'nothing' });
  assert.deepEqual(plan(['a', 'b', 'c'], {}, { a: 'leaving' }), { kind: 'trim', keep: ['b', 'c'], drop: ['a'] });
});

test('of too many good replicas the fullest server gives up its own', () => {
  assert.deepEqual(plan(['a', 'b', 'c'], {}, {}, { a: 0.9 }), { kind: 'trim', keep: ['b', 'c'], drop: ['a'] });
});

test('whatever is wrong: nothing good is given up below the number of replicas, and all that counts is a source', () => {
  const server = fc.record({
    standing: fc.constantFrom<Standing[]>('settled', 'leaving', 'lost'),
    problem: fc.constantFrom('absent' as const, 'damaged' as const, undefined, undefined),
    load: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(server, { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 4 }),
      (servers, replicas) => {
        const at = (id: string) => servers[Number(id)];
        const serverIds: string[] = servers.map((_, index) => String(index));
        const problems = new Map(
          servers.flatMap(({ problem }, index) => (problem === undefined ? [] : [[String(index), problem] as const])),
        );
        const isGood = (id: string) => !problems.has(id) && at(id)?.standing !== 'lost';
        const good = serverIds.filter(isGood);
        const decided = planRepair(
          { serverIds, problems },
          replicas,
          (id) => at(id)?.standing ?? 'lost',
          (id) => at(id)?.load ?? 0,
        );
        if (decided.kind === 'make') {
          assert.equal(decided.missing, replicas - good.length);
          assert.deepEqual([...decided.sources].sort(), serverIds);
          assert.ok(decided.sources.slice(0, good.length).every(isGood));
        } else {
          assert.ok(good.length >= replicas);
        }
        if (decided.kind !== 'trim') return;
        assert.ok(decided.keep.length >= replicas && decided.keep.every(isGood));
        assert.deepEqual([...decided.keep, ...decided.drop].sort(), serverIds);
      },
    ),
  );
});
