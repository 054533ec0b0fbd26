import type { HistoryEvent } from '../history/events.ts';
import { type Operation, operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import { hasWritten, type Register, registersOf, valuePut, valueSeen } from './register.ts';
import type { Verdict } from './verdict.ts';
import { holding, violated } from './verdict-of.ts';

const checker = 'monotonic-versions';

/**
 * In a bucket that has versions, every answer names one; each write has one of its own, the same in all answers; and no client sees
 * a value that is older than one it wrote or saw before.
 */
export function monotonicVersions(history: readonly HistoryEvent[]): Verdict {
  let versions = 0;
  const operations = operationsOf(history);
  const tellers = operations.filter((one) => one.call.via === 's3' && (hasWritten(one) || valueSeen(one) !== null));
  const bare = tellers.find((one) => versionTold(one) === null);
  const versioned = tellers.find((one) => versionTold(one) !== null);
  if (bare !== undefined && versioned !== undefined) {
    return violated(checker, `${describe(bare)} without a version id, in a bucket that has versions`, [
      versioned,
      bare,
    ]);
  }
  for (const register of registersOf(operations).values()) {
    const ids = versionIds(register);
    const found = ids.violation ?? stepBack(register);
    if (found !== null) return violated(checker, found.because, found.shown);
    versions += ids.count;
  }
  return holding(checker, `${versions} version ids belong to one write each, and no client saw time go back`);
}

interface Found {
  readonly because: string;
  readonly shown: readonly Operation[];
}

function versionIds({ operations }: Register): { readonly count: number; readonly violation: Found | null } {
  const byVersion = new Map<string, { readonly write: string; readonly told: Operation }>();
  const byWrite = new Map<string, { readonly version: string; readonly told: Operation }>();
  for (const told of operations) {
    const version = versionTold(told);
    if (version === null) continue;
    // A delete leaves a marker with a version of its own.
    const write = valueSeen(told) ?? valuePut(told) ?? `the delete of operation ${told.op}`;
    const before = byVersion.get(version);
    if (before !== undefined && before.write !== write) {
      const because = `version ${version} is that of ${before.write} and of ${write}: ${describe(before.told)}, ${describe(told)}`;
      return { count: 0, violation: { because, shown: [before.told, told] } };
    }
    const other = byWrite.get(write);
    if (other !== undefined && other.version !== version) {
      const because = `${write} has versions ${other.version} and ${version}: ${describe(other.told)}, ${describe(told)}`;
      return { count: 0, violation: { because, shown: [other.told, told] } };
    }
    byVersion.set(version, { write, told });
    byWrite.set(write, { version, told });
  }
  return { count: byVersion.size, violation: null };
}

/** Of a write or a read: which version its answer named; null where it named none. */
export function versionTold(operation: Operation): string | null {
  const { seen } = operation;
  if (seen?.kind === 'written') return seen.version;
  return valueSeen(operation) !== null && seen?.kind === 'content' ? seen.version : null;
}

function stepBack(register: Register): Found | null {
  /** By client, the value it knows whose put began last, and how it knows it. */
  const newest = new Map<string, { readonly put: Operation; readonly told: Operation }>();
  for (const told of register.operations.toSorted((a, b) => a.to - b.to)) {
    const value = valueSeen(told) ?? (hasWritten(told) ? valuePut(told) : null);
    if (value === null) continue;
    const known = newest.get(told.process);
    const [put] = register.putsOf(value);
    if (known !== undefined && known.told.to < told.from && register.settledBy(value) < known.put.from) {
      return { because: `${describe(told)}, after ${describe(known.told)}`, shown: [known.put, known.told, told] };
    }
    if (put !== undefined && (known === undefined || put.from > known.put.from))
      newest.set(told.process, { put, told });
  }
  return null;
}
