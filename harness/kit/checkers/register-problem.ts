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
  /** May be given one: writes that leave a named value or ask for a condition. */
  readonly possible: readonly Step[];
  /** May be given one too, but differ in nothing but `from`: unconditional deletes, and unconditional puts of unnamed values. */
  readonly possibleDeletes: readonly Step[];
  readonly possibleUnnamed: readonly Step[];
  /** Places in `certain` of what needs a state, and of what leaves it. */
  readonly needing: ReadonlyMap<State, readonly number[]>;
  readonly leaving: ReadonlyMap<State, readonly number[]>;
  /** Places in `possible` of what leaves a state. */
  readonly perhapsLeaving: ReadonlyMap<State, readonly number[]>;
}

/**
 * Values that no step looks for become one, `unnamed`. Possible writes of it are left out where no step asks whether the register
 * holds something else (a refusal does). That changes no answer: what comes after such a write in an order of all steps
 * must do without looking, be an unconditional write or nothing, since no look is true of the value; so the order is as good without the write.
 */
export function problemOf(steps: readonly RegisterStep[]): RegisterProblem {
  const states = new Map<Held, State>([[null, absent]]);
  for (const { needs } of steps) {
    const named = needs === null ? null : 'is' in needs ? needs.is : needs.isNot;
    if (!states.has(named)) states.set(named, states.size + 1);
  }
  const anyRefusal = steps.some(({ needs }) => needs !== null && 'isNot' in needs);
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
    possible,
    possibleDeletes: perhaps.filter((step) => isEqualToOthers(step) && step.leaves === absent),
    possibleUnnamed: perhaps.filter((step) => isEqualToOthers(step) && step.leaves === unnamed),
    needing: placesBy(certain, ({ is }) => is),
    leaving: placesBy(certain, ({ leaves }) => leaves),
    perhapsLeaving: placesBy(possible, ({ leaves }) => leaves),
  };
}

export function isTrueOf({ is, isNot }: Step, state: State): boolean {
  return (is === undefined || is === state) && (isNot === undefined || isNot !== state);
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
