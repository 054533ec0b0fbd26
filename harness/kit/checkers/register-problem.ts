import type { Held, RegisterStep } from './register-step.ts';

/** What the register holds, as a number: absent, some value that no step names, or a value by its own number. */
export type State = number;
export const absent: State = 0;
export const unnamed: State = 1;

export interface Step {
  readonly from: number;
  readonly to: number;
  /** Undefined where it does not matter. */
  readonly is: State | undefined;
  readonly isNot: State | undefined;
  readonly leaves: State | undefined;
  /** Takes effect whatever the register holds. */
  readonly isBlind: boolean;
}

/** The steps of one register, sorted so that the search need not look at what cannot matter. All lists are in the order of `from`. */
export interface RegisterProblem {
  /** Each must be given a place. */
  readonly certain: readonly Step[];
  /** For each of `certain`: what began later than that comes after another write, which comes after this step. */
  readonly horizons: readonly number[];
  /** May be given one: writes that leave a named value or ask for a condition. */
  readonly possible: readonly Step[];
  /** May be given one too, but differ in nothing but `from`: unconditional deletes, and unconditional puts of unnamed values. */
  readonly possibleDeletes: readonly Step[];
  readonly possibleUnnamed: readonly Step[];
  /** Places in `certain` of what needs a state, and of what leaves it. */
  readonly needing: ReadonlyMap<State, readonly number[]>;
  readonly leaving: ReadonlyMap<State, readonly number[]>;
  /** The same in `possible`. */
  readonly perhapsLeaving: ReadonlyMap<State, readonly number[]>;
}

/**
 * Values that no step looks for become one, `unnamed`. Possible writes of it are left out where no step asks whether the register
 * holds something else (a refusal does). That changes no answer: what comes after such a write in an order of all steps
 * must do without looking, be an unconditional write or nothing, since no look is true of the value; so the order is as good without the write.
 */
export function problemOf(steps: readonly RegisterStep[]): RegisterProblem {
  const anyRefusal = steps.some(({ needs }) => needs !== null && 'isNot' in needs);
  const states = namedStates(steps, anyRefusal);
  const stateOf = (held: Held) => states.get(held) ?? unnamed;
  const all = steps
    .map(({ from, to, needs, leaves }) => ({
      from,
      to,
      is: needs !== null && 'is' in needs ? stateOf(needs.is) : undefined,
      isNot: needs !== null && 'isNot' in needs ? stateOf(needs.isNot) : undefined,
      leaves: leaves === undefined ? undefined : stateOf(leaves),
      isBlind: needs === null,
    }))
    .toSorted((a, b) => a.from - b.from);
  const certain = all.filter(({ to }) => to < Number.POSITIVE_INFINITY);
  const perhaps = all.filter(({ to, leaves }) => to === Number.POSITIVE_INFINITY && (leaves !== unnamed || anyRefusal));
  const isEqualToOthers = ({ isBlind, leaves }: Step) => isBlind && (leaves === absent || leaves === unnamed);
  const possible = perhaps.filter((step) => !isEqualToOthers(step));
  return {
    certain,
    horizons: horizonsOf(certain),
    possible,
    possibleDeletes: perhaps.filter((step) => isEqualToOthers(step) && step.leaves === absent),
    possibleUnnamed: perhaps.filter((step) => isEqualToOthers(step) && step.leaves === unnamed),
    needing: placesBy(certain, ({ is }) => is),
    leaving: placesBy(certain, ({ leaves }) => leaves),
    perhapsLeaving: placesBy(possible, ({ leaves }) => leaves),
  };
}

/** Those that a certain step looks for, or a possible one that is of use itself. */
function namedStates(steps: readonly RegisterStep[], anyRefusal: boolean): Map<Held, State> {
  const states = new Map<Held, State>([[null, absent]]);
  for (let before = 0; before < states.size; ) {
    before = states.size;
    for (const { needs, leaves, to } of steps) {
      const isOfUse = to < Number.POSITIVE_INFINITY || anyRefusal || (leaves !== undefined && states.has(leaves));
      if (needs === null || !isOfUse) continue;
      const named = 'is' in needs ? needs.is : needs.isNot;
      if (!states.has(named)) states.set(named, states.size + 1);
    }
  }
  return states;
}

export function isTrueOf({ is, isNot }: Step, state: State): boolean {
  return (is === undefined || is === state) && (isNot === undefined || isNot !== state);
}

function horizonsOf(steps: readonly Step[]): number[] {
  const writes = steps.filter(({ leaves }) => leaves !== undefined);
  const firstEnds: number[] = [];
  let firstEnd = Number.POSITIVE_INFINITY;
  for (let place = writes.length - 1; place >= 0; place--) {
    firstEnd = Math.min(firstEnd, (writes[place] as Step).to);
    firstEnds[place] = firstEnd;
  }
  return steps.map(({ to }) => firstEnds[firstAfter(writes, to)] ?? Number.POSITIVE_INFINITY);
}

/** The place of the first of `steps`, which are in the order of `from`, that began after `moment`. */
function firstAfter(steps: readonly Step[], moment: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as Step).from > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}

function placesBy(steps: readonly Step[], stateOf: (step: Step) => State | undefined): Map<State, number[]> {
  const places = new Map<State, number[]>();
  for (const [place, step] of steps.entries()) {
    const state = stateOf(step);
    if (state === undefined) continue;
    const found = places.get(state);
    if (found === undefined) places.set(state, [place]);
    else found.push(place);
  }
  return places;
}
