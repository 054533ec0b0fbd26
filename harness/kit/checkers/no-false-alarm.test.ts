import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acknowledgedReadable } from './acknowledged-readable.ts';
import { historyOf } from './history.fixture.ts';
import { linearizableWithin } from './linearizable.ts';
import { monotonicVersions } from './monotonic-versions.ts';
import { noResurrection } from './no-resurrection.ts';
import { draws, simulate } from './simulated-register.fixture.ts';
import { wholeBytes } from './whole-bytes.ts';

const faulty = { ok: 10, fail: 1, happened: 1, never: 1, late: 1, open: 1 };
const drawn = fc.array(draws({ keys: 2, lastsMax: 12, weights: faulty }), { minLength: 2, maxLength: 60, size: 'max' });
const checkers = [wholeBytes, noResurrection, acknowledgedReadable, monotonicVersions];

/** Three clients, and final reads from some moment on. */
function historyFrom(lines: readonly string[], finalFrom: number) {
  const named = lines.map((line) => line.replace(/p(\d+)/, (_, index) => `p${Number(index) % 3}`));
  return historyOf([...named, `${finalFrom} phase final reads`].join('\n'));
}

test('no checker complains of what real registers answer', () => {
  fc.assert(
    fc.property(drawn, fc.nat({ max: 150 }), (operations, finalFrom) => {
      const lines = simulate(operations);
      const history = historyFrom(lines, finalFrom);
      const complaints = checkers.map((checker) => checker(history)).filter(({ holds }) => holds === false);
      assert.deepEqual(complaints, [], `\n${lines.join('\n')}\n`);
    }),
    { numRuns: 1_500 },
  );
});

test('what a checker finds has no order either', () => {
  let found = 0;
  const wrong = fc.tuple(fc.nat(), fc.nat({ max: 20 }));
  fc.assert(
    fc.property(drawn, wrong, fc.nat({ max: 150 }), (operations, [which, value], finalFrom) => {
      const lines = simulate(operations);
      const reads = lines.flatMap((line, index) => (/ (?:get|head) .*-> (?:v\d+|absent)$/.test(line) ? [index] : []));
      const at = reads[which % reads.length];
      if (at === undefined) return;
      const answer = value === 0 ? 'absent' : `v${value}`;
      const history = historyFrom(lines.with(at, `${lines[at]}`.replace(/-> .*/, `-> ${answer}`)), finalFrom);
      const complaint = checkers.map((checker) => checker(history)).find(({ holds }) => holds === false);
      if (complaint === undefined) return;
      found += 1;
      assert.equal(linearizableWithin(100_000)(history).holds, false, complaint.because);
    }),
    { numRuns: 1_500 },
  );
  assert.ok(found > 300, `only ${found} were found`);
});
