import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../common/random.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

function breakerWithClock() {
  const clock = new VirtualClock();
  return { clock, breaker: new CircuitBreaker({ clock, random: systemRandom }) };
}

test('a breaker opens after three failures in a row, not after three among successes', () => {
  const { breaker } = breakerWithClock();
  for (let round = 0; round < 5; round++) {
    breaker.failed();
    breaker.failed();
    assert.equal(breaker.isOpen, false);
    breaker.succeeded();
  }
  for (let failure = 0; failure < 3; failure++) breaker.failed();
  assert.equal(breaker.isOpen, true);
});

test('an open breaker lets calls through again after a while, and a success closes it', () => {
  const { clock, breaker } = breakerWithClock();
  for (let failure = 0; failure < 3; failure++) breaker.failed();
  clock.advance(501);
  assert.equal(breaker.isOpen, false);
  breaker.failed();
  assert.equal(breaker.isOpen, true, 'one failure opens it anew');
  clock.advance(1_001);
  breaker.succeeded();
  breaker.failed();
  assert.equal(breaker.isOpen, false);
});

test('a hundred calls that fail at the same moment open it for no longer than three', () => {
  const { clock, breaker } = breakerWithClock();
  for (let failure = 0; failure < 100; failure++) breaker.failed();
  clock.advance(501);
  assert.equal(breaker.isOpen, false);
  breaker.failed();
  clock.advance(1_001);
  assert.equal(breaker.isOpen, false);
});

test('the pause of a node that stays dead grows, and not beyond 15 s', () => {
  const { clock, breaker } = breakerWithClock();
  const pauses: number[] = [];
  for (let failure = 0; failure < 14; failure++) {
    breaker.failed();
    let waitedMs = 0;
    for (; breaker.isOpen; waitedMs += 10) clock.advance(10);
    pauses.push(waitedMs);
  }
  assert.deepEqual(pauses.slice(0, 2), [0, 0]);
  assert.ok((pauses[5] ?? 0) >= 2_000, `${pauses}`);
  assert.ok(Math.max(...pauses) <= 15_010, `${pauses}`);
});
