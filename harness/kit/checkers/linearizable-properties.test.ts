import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { operationsOf } from '../history/operations.ts';
import { someOrderExplains } from './every-order.fixture.ts';
import { historyOf } from './history.fixture.ts';
import { linearizableWithin } from './linearizable.ts';
import { type Draw, draws, simulate } from './simulated-register.fixture.ts';

const faulty = { ok: 8, fail: 1, happened: 1, never: 1, late: 1, open: 1 };
const judge = linearizableWithin(100_000);

/** What a broken store might have answered: one answer is another one. */
function lie(lines: readonly string[], which: number, answer: string): string[] {
  return lines.map((line, index) => {
    if (index !== which % lines.length || /^\d+- |(?:info|fail)$/.test(line)) return line;
    if (line.includes(' get ') || line.includes(' head ')) return line.replace(/-> .*/, `-> ${answer}`);
    if (!line.includes(' if ')) return line;
    return line.endsWith('refused') ? line.replace(' -> refused', '') : `${line} -> refused`;
  });
}

const answers = fc.constantFrom('absent', 'v1', 'v2', 'v3', 'v4', 'v5');
const small = fc.tuple(
  fc.array(draws({ keys: 1, lastsMax: 12, weights: faulty }), { minLength: 3, maxLength: 7, size: 'max' }),
  fc.array(fc.tuple(fc.nat({ max: 6 }), answers), { maxLength: 3, size: 'max' }),
  // Two writes of one value are against the contract of histories, and yet must not be judged wrongly.
  fc.constantFrom(100, 100, 3),
);
/** Every third read as a list of the key. */
const listed = (line: string, index: number) => {
  if (index % 3 !== 0) return line;
  return line
    .replace(/ (?:get|head) (k\d+) -> absent$/, ' list $1')
    .replace(/ (?:get|head) (k\d+) -> (v\d+)$/, ' list $1 -> $1=$2');
};

/** As it might have been answered by a store that may be broken. */
const linesOf = ([drawn, lies, values]: [Draw[], [number, string][], number]) =>
  lies
    .reduce<string[]>((lines, [which, answer]) => lie(lines, which, answer), simulate(drawn))
    .map((line) => line.replaceAll(/v(\d+)/g, (_, number) => `v${Number(number) % values}`))
    .map(listed);

test('it says of small histories, sound and broken ones, what trying every order says', () => {
  const seen = { true: 0, false: 0 };
  const runs = 4_000;
  fc.assert(
    fc.property(small, (drawn) => {
      const lines = linesOf(drawn);
      const history = historyOf(lines.join('\n'));
      const expected = someOrderExplains(operationsOf(history));
      seen[`${expected}`] += 1;
      assert.equal(judge(history).holds, expected, `\n${lines.join('\n')}\n`);
    }),
    { numRuns: runs },
  );
  assert.ok(Math.min(seen.true, seen.false) > runs / 5, `both must be common: ${JSON.stringify(seen)}`);
});

test('what it shows of a violation is one by itself, whatever became of the other writes', () => {
  fc.assert(
    fc.property(small, (drawn) => {
      const history = historyOf(linesOf(drawn).join('\n'));
      const { holds, operations } = judge(history);
      if (holds !== false) return;
      const unsure = { outcome: 'info', seen: null, to: Number.POSITIVE_INFINITY } as const;
      const shown = operationsOf(history).flatMap((one) => {
        if (operations.includes(one.op)) return [one];
        const mayHaveWritten = one.outcome !== 'fail' && one.seen?.kind !== 'refused' && 'key' in one.call;
        return mayHaveWritten ? [{ ...one, ...unsure }] : [];
      });
      assert.ok(!someOrderExplains(shown), operations.join());
    }),
    { numRuns: 2_000 },
  );
});

test('it accepts whatever real registers answer', () => {
  const drawn = fc.array(draws({ keys: 3, lastsMax: 30, weights: faulty }), { minLength: 100, maxLength: 300 });
  fc.assert(
    fc.property(drawn, (all: Draw[]) => {
      const lines = simulate(all);
      assert.equal(judge(historyOf(lines.join('\n'))).holds, true, `\n${lines.join('\n')}\n`);
    }),
    { numRuns: 60 },
  );
});
