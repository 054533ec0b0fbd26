import type { ValueId } from '../history/events.ts';
import type { Operation } from '../history/operations.ts';
import { registerOf } from './describe.ts';

/** What is certain of one key, told from the places of begins and ends alone. Never takes what may be for what is. */
export class Register {
  readonly name: string;
  readonly operations: Operation[] = [];
  /** By value, the place by which its put has certainly taken effect: acknowledged, or seen. Infinite until then. */
  readonly #settled = new Map<ValueId, number>();
  readonly #puts = new Map<ValueId, Operation[]>();
  /** Acknowledged puts and deletes in the order of their begin; beside each, the first to end of it and those after it. */
  #writes: { readonly write: Operation; readonly firstToEnd: Operation }[] | null = null;

  constructor(name: string) {
    this.name = name;
  }

  add(operation: Operation): void {
    this.operations.push(operation);
    this.#writes = null;
    const value = valueSeen(operation) ?? (hasWritten(operation) ? valuePut(operation) : null);
    if (value !== null) this.#settled.set(value, Math.min(this.#settled.get(value) ?? operation.to, operation.to));
    const put = valuePut(operation);
    if (put !== null) this.#puts.set(put, [...(this.#puts.get(put) ?? []), operation]);
  }

  /** Puts of the value, whatever became of them. */
  putsOf(value: ValueId): readonly Operation[] {
    return this.#puts.get(value) ?? [];
  }

  /** A value that is put more than once may always take effect once more. */
  settledBy(value: ValueId): number {
    return this.putsOf(value).length === 1
      ? (this.#settled.get(value) ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  }

  /** An acknowledged write that certainly came after that of `value`, and before the place `before`. */
  replacementOf(value: ValueId, before: number): Operation | undefined {
    this.#writes ??= sortedWrites(this.operations);
    const writes = this.#writes;
    const settled = this.settledBy(value);
    let [low, high] = [0, writes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((writes[middle]?.write.from as number) > settled) high = middle;
      else low = middle + 1;
    }
    const replacement = writes[low]?.firstToEnd;
    return replacement !== undefined && replacement.to < before ? replacement : undefined;
  }

  /** What shows that an object was there at every moment between the places; undefined where that is not certain. */
  presenceDuring(from: number, to: number): Operation | undefined {
    const deletes = this.operations.filter(
      (one) => one.call.kind === 'delete' && one.outcome !== 'fail' && one.from < to,
    );
    const latestEnd = deletes.reduce((latest, one) => Math.max(latest, one.to), -1);
    const shows = this.operations.filter(
      (one) =>
        one.to < from && one.from > latestEnd && (valueSeen(one) ?? (hasWritten(one) ? valuePut(one) : null)) !== null,
    );
    return shows.findLast(hasWritten) ?? shows.at(-1);
  }

  /** Whether no object was there at any moment between the places, for certain; with what shows it, where it ever was. */
  absenceDuring(from: number, to: number): { readonly isCertain: boolean; readonly since?: Operation } {
    const puts = this.operations.filter((one) => mayHavePut(one) && one.from < to);
    if (puts.length === 0) return { isCertain: true };
    const latestEnd = puts.reduce((latest, one) => Math.max(latest, this.settledBy(valuePut(one) ?? '')), -1);
    const since = this.operations.findLast((one) => one.to < from && one.from > latestEnd && isAbsent(one));
    return since === undefined ? { isCertain: false } : { isCertain: true, since };
  }
}

/** By name. */
export function registersOf(operations: readonly Operation[]): Map<string, Register> {
  const registers = new Map<string, Register>();
  for (const operation of operations) {
    if (operation.call.kind === 'list') continue;
    const name = registerOf(operation.call);
    const register = registers.get(name) ?? new Register(name);
    registers.set(name, register);
    register.add(operation);
  }
  return registers;
}

/** A put or delete that certainly took effect. */
export function hasWritten({ call, outcome, seen }: Operation): boolean {
  return (
    (call.kind === 'put' || call.kind === 'delete') && outcome === 'ok' && (seen === null || seen.kind === 'written')
  );
}

export function valuePut({ call }: Operation): ValueId | null {
  return call.kind === 'put' ? call.value : null;
}

/** Of a read whose bytes are wholly those of a value. */
export function valueSeen({ seen }: Operation): ValueId | null {
  return seen?.kind === 'content' && seen.wrong === null ? seen.value : null;
}

/** A put that took effect, or may have. */
export function mayHavePut(operation: Operation): boolean {
  const { call, outcome, seen } = operation;
  return call.kind === 'put' && outcome !== 'fail' && seen?.kind !== 'refused' && seen?.kind !== 'absent';
}

/** An acknowledged delete, or a read that found nothing. */
function isAbsent(operation: Operation): boolean {
  const { call, seen } = operation;
  if (call.kind === 'delete') return hasWritten(operation);
  return seen?.kind === 'absent';
}

function sortedWrites(operations: readonly Operation[]) {
  const sorted = operations.filter(hasWritten).toSorted((a, b) => a.from - b.from);
  const writes: { readonly write: Operation; readonly firstToEnd: Operation }[] = [];
  for (const write of sorted.toReversed()) {
    const later = writes.at(-1)?.firstToEnd;
    writes.push({ write, firstToEnd: later !== undefined && later.to < write.to ? later : write });
  }
  return writes.reverse();
}
