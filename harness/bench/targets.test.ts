import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from './figure.ts';
import { isEnough, judge, targets } from './targets.ts';

test('a target is judged by the median, and one that was not measured is not judged', () => {
  const verdicts = judge([figure('large.put.r1', [299, 301, 900]), figure('chunk.read', [150, 199, 800])], targets);
  assert.equal(verdicts.find(({ what }) => what === 'upload, R=1')?.outcome, 'pass');
  assert.equal(verdicts.find(({ what }) => what === 'chunk read on one node')?.outcome, 'below');
  assert.equal(verdicts.filter(({ outcome }) => outcome === 'not measured').length, verdicts.length - 2);
});

test('the CPU time of gateway and nodes is judged together, and only when both are known', () => {
  const [gateway, nodes] = [figure('large.put.cpu.gateway.r2', [4]), figure('large.put.cpu.nodes.r2', [5.5])];
  const outcome = (figures: Figure[]) =>
    judge(figures, targets).find(({ what }) => what === 'CPU of an upload, R=2')?.outcome;
  assert.equal(outcome([gateway, nodes]), 'above');
  assert.equal(outcome([gateway, figure('large.put.cpu.nodes.r2', [5])]), 'pass');
  assert.equal(outcome([gateway]), 'not measured');
});

test('a run that is enforced passes only when it is whole, and has judged something', () => {
  const reached = judge([figure('chunk.read', [201])], targets);
  assert.equal(isEnough(reached, false), true);
  assert.equal(isEnough(reached, true), false);
  assert.equal(isEnough(judge([], targets), false), false);
  assert.equal(isEnough(judge([figure('chunk.read', [199]), figure('chunk.write', [201])], targets), false), false);
});

function figure(key: string, values: number[]): Figure {
  return { key, label: key, unit: 'MB/s', values };
}
