import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PlannedFault } from '../experiment/plan.ts';
import { Choices } from '../seed/choices.ts';
import { parameterProblems } from './catalogue/parameters.ts';
import { BadFault } from './catalogue/victim.ts';
import { catalogue, checkedEntry, needLinks, settingsOf } from './catalogue.ts';

const latency: PlannedFault = {
  id: 'f1',
  name: 'latency',
  on: 'gateway -> node-2',
  parameters: { ms: 100 },
  atMs: 0,
  forMs: 1_000,
};

describe('the catalogue of faults', () => {
  test('has each name once, and at least twenty', () => {
    const names = catalogue.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length >= 20, `${names.length}`);
  });

  test('draws parameters that it accepts, and the same ones for the same seed', () => {
    for (const { ranges, parameters } of catalogue) {
      for (let seed = 0; seed < 50; seed++) {
        const drawn = parameters(new Choices(seed));
        assert.deepEqual(parameterProblems(ranges, drawn), []);
        assert.deepEqual(parameters(new Choices(seed)), drawn);
      }
    }
  });

  test('accepts what fits', () => assert.equal(checkedEntry(latency).name, 'latency'));

  for (const [what, change, words] of [
    ['an unknown fault', { name: 'flood' }, /^fault f1 \(flood\): there is no fault of that name, but: latency, /],
    [
      'a victim that is none',
      { on: 'node-x' },
      /^fault f1 \(latency\): it does not break node-x, but: link:gateway->node, /,
    ],
    ['a victim of another kind', { on: 'node-2' }, /it does not break node-2/],
    ['a parameter out of range', { parameters: { ms: 501 } }, /ms is 501, expected a whole number from 20 to 500/],
    ['a missing parameter', { parameters: {} }, /ms is undefined/],
    ['an unknown parameter', { parameters: { ms: 100, jitter: 1 } }, /it has no parameter jitter/],
    [
      'another word',
      { name: 'one-way-partition', parameters: { direction: 'left' } },
      /left, expected upstream or downstream/,
    ],
    ['a time for what lasts none', { name: 'cut', parameters: {} }, /it lasts no time, but is planned for 1000 ms/],
  ] as const) {
    test(`refuses ${what}, and says why`, () => {
      assert.throws(
        () => checkedEntry({ ...latency, ...change }),
        (error) => error instanceof BadFault && words.test(error.message),
      );
    });
  }

  test('tells what a process must be started with, and no other', () => {
    const jump = { ...latency, name: 'clock-jump', on: 'gateway-2', parameters: { ms: 5 } };
    const settings = settingsOf([latency, jump], '/somewhere');
    assert.match(settings('gateway-2')['NODE_OPTIONS'] ?? '', /--import=file:.*\/preload\/main\.ts$/);
    assert.equal(settings('gateway-2')['HARNESS_CONTROL_FILE'], '/somewhere/gateway-2.json');
    assert.deepEqual(settings('gateway-1'), {});
  });

  test('tells every node of a power cut, and nobody else', () => {
    const cut = { ...latency, name: 'power-cut', on: 'cluster', parameters: {} };
    const settings = settingsOf([cut], '/somewhere');
    assert.equal(settings('node-3')['HARNESS_JOURNAL_FILE'], '/somewhere/node-3.journal');
    assert.deepEqual([settings('gateway-1'), settings('postgres')], [{}, {}]);
  });

  test('tells whether links are needed', () => {
    assert.equal(needLinks([latency]), true);
    assert.equal(needLinks([{ ...latency, name: 'kill', on: 'node-2', parameters: {} }]), false);
  });
});
