import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../common/virtual-clock.ts';
import type { ServerRecord, ServerStatus } from './membership.ts';
import { ServerStandings } from './server-standing.ts';

const server = (status: ServerStatus, heartbeatAgeMs = 0): ServerRecord => ({
  serverId: 'a',
  grpcAddress: 'a:1',
  status,
  availableBytes: 1,
  usedBytes: 1,
  totalBytes: 2,
  heartbeatAgeMs,
});

test('a server counts while it is active or in maintenance, and not at all when it is removed or unknown', () => {
  const standings = new ServerStandings(new VirtualClock(), 60_000, 30_000);
  assert.equal(standings.of('a'), 'lost');
  for (const [status, standing] of [
    ['active', 'settled'],
    ['maintenance', 'settled'],
    ['draining', 'leaving'],
    ['removed', 'lost'],
  ] as const) {
    standings.update([server(status)]);
    assert.equal(standings.of('a'), standing);
  }
});

test('an inactive server is lost once the grace is over, and counts again when it is back', () => {
  const clock = new VirtualClock();
  const standings = new ServerStandings(clock, 60_000, 30_000);
  standings.update([server('inactive', 31_000)]);
  clock.advance(58_000);
  standings.update([server('inactive', 89_000)]);
  assert.equal(standings.of('a'), 'settled');
  clock.advance(2_000);
  standings.update([server('inactive', 91_000)]);
  assert.equal(standings.of('a'), 'lost');
  assert.deepEqual(standings.takeReturned(), []);
  for (let look = 0; look < 2; look++) standings.update([server('active')]);
  assert.deepEqual(standings.takeReturned(), ['a']);
  assert.deepEqual(standings.takeReturned(), []);
});

test('a server that looks silent for long the moment it is first looked at is watched for a while before it is lost', () => {
  const clock = new VirtualClock();
  const standings = new ServerStandings(clock, 300_000, 30_000);
  standings.update([server('inactive', 3_600_000)]);
  assert.equal(standings.of('a'), 'settled');
  clock.advance(15_000);
  standings.update([server('inactive', 3_615_000)]);
  assert.equal(standings.of('a'), 'lost');
});

test('a server that was heard of since it was last seen silent is watched anew, however long ago that was', () => {
  const clock = new VirtualClock();
  const standings = new ServerStandings(clock, 300_000, 30_000);
  standings.update([server('inactive', 31_000)]);
  clock.advance(7_200_000);
  standings.update([server('inactive', 400_000)]);
  assert.equal(standings.of('a'), 'settled');
  clock.advance(15_000);
  standings.update([server('inactive', 415_000)]);
  assert.equal(standings.of('a'), 'lost');
});

test('a server that falls silent while it is drained is lost once the grace is over; one in maintenance never is', () => {
  for (const [status, standing, inTheEnd] of [
    ['draining', 'leaving', 'lost'],
    ['maintenance', 'settled', 'settled'],
  ] as const) {
    const clock = new VirtualClock();
    const standings = new ServerStandings(clock, 60_000, 30_000);
    const standingAt = (ms: number) => {
      clock.advance(ms - clock.monotonicMs());
      standings.update([server(status, ms)]);
      return standings.of('a');
    };
    assert.deepEqual([standingAt(29_000), standingAt(31_000), standingAt(89_000)], [standing, standing, standing]);
    assert.equal(standingAt(91_000), inTheEnd);
  }
});
