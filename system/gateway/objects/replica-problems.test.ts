import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { NodeFailure, type NodeFailureKind } from './ports.ts';
import type { ReplicaProblem } from './replica-ports.ts';
import { ProblemReports } from './replica-problems.ts';

function reports() {
  const clock = new VirtualClock();
  const batches: (readonly ReplicaProblem[])[] = [];
  let recorded = 0;
  let isAway = false;
  const reports = new ProblemReports({
    clock,
    log: createLogger('test', 'silent'),
    failpoints: noFailpoints,
    onRecorded: () => {
      recorded++;
    },
    metadata: {
      recordProblems: async (problems) => {
        if (isAway) throw new Error('away');
        batches.push(problems);
        return problems.length;
      },
    },
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  };
  const note = (chunkId: string, kind: NodeFailureKind) => reports.note(chunkId, new NodeFailure(kind, 'n', 'x'));
  const setAway = (away: boolean) => {
    isAway = away;
  };
  return { reports, clock, batches, pass, note, setAway, recorded: () => recorded };
}

test('problems are gathered, each once, and recorded together', async () => {
  const { batches, pass, note, recorded } = reports();
  for (const chunkId of ['a', 'b', 'a']) note(chunkId, 'damaged');
  assert.equal(batches.length, 0);
  await pass(200);
  assert.deepEqual(
    batches.map((batch) => batch.map(({ chunkId }) => chunkId)),
    [['a', 'b']],
  );
  assert.equal(recorded(), 1);
});

test('a server that is merely out of reach is no problem of the replica', async () => {
  const { clock, note } = reports();
  for (const kind of ['unavailable', 'deadline', 'cancelled', 'refused'] as const) note('a', kind);
  assert.equal(clock.pending, 0);
});

test('what could not be recorded is recorded later, and no more is kept than the bound says', async () => {
  const { batches, pass, note, setAway, clock } = reports();
  setAway(true);
  for (let chunk = 0; chunk < 10_500; chunk++) note(`c${chunk}`, 'absent');
  await pass(200);
  setAway(false);
  for (let round = 0; round < 50 && clock.pending > 0; round++) await pass(2_000);
  assert.equal(batches.flat().length, 10_000);
});
