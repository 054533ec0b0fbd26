import type { HistoryEvent, Micros } from '../history/events.ts';
import { operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import type { Checker } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'available';

/**
 * While nothing is wrong, and has not been for as long as the store may take to recover, every operation succeeds. What is
 * refused under a fault is no complaint.
 */
export function available(recoveryMs: number): Checker {
  return (history) => {
    const disturbances = disturbancesOf(history);
    const recoveredAt = history.find(({ type }) => type === 'recovered')?.at ?? Number.POSITIVE_INFINITY;
    const undisturbed = operationsOf(history).filter(({ invokedAt, endedAt, outcome }) => {
      if (endedAt === null || outcome === 'open') return false;
      if (invokedAt >= recoveredAt) return true;
      return disturbances.every(({ from, to }) => endedAt < from || invokedAt > to + recoveryMs * 1000);
    });
    if (undisturbed.length === 0) return undecided(checker, 'there was no operation while nothing was wrong');
    const refused = undisturbed.filter(({ outcome }) => outcome !== 'ok');
    const [first] = refused;
    if (first === undefined)
      return holding(checker, `all ${undisturbed.length} operations while nothing was wrong succeeded`);
    const of = `${refused.length} of ${undisturbed.length} operations while nothing was wrong did not succeed`;
    return violated(checker, `${of}, the first ${describe(first)} (${first.answer})`, refused.slice(0, 1));
  };
}

interface Disturbance {
  readonly from: Micros;
  /** Infinite for what has not ended, or could not be ended. */
  readonly to: Micros;
}

function disturbancesOf(history: readonly HistoryEvent[]): Disturbance[] {
  const ended: Disturbance[] = [];
  const standing = new Map<string, { readonly from: Micros; isStopping: boolean }>();
  for (const event of history) {
    // When it fell over is not known, only when that was noticed; the exit itself is judged elsewhere.
    if (event.type === 'exit') ended.push({ from: 0, to: Number.POSITIVE_INFINITY });
    if (event.type !== 'fault') continue;
    const one = standing.get(event.fault);
    if (event.state === 'starting') standing.set(event.fault, { from: event.at, isStopping: false });
    if (event.state === 'stopping' && one !== undefined) one.isStopping = true;
    // What failed to start has been taken back; what failed to stop stands.
    const isOver = event.state === 'stopped' || (event.state === 'failed' && one?.isStopping !== true);
    if (isOver && standing.delete(event.fault) && one !== undefined) ended.push({ from: one.from, to: event.at });
  }
  return [...ended, ...[...standing.values()].map(({ from }) => ({ from, to: Number.POSITIVE_INFINITY }))];
}
