import {
  absent,
  isTrueOf,
  problemOf,
  type RegisterProblem,
  type State,
  type Step,
  unnamed,
} from './register-problem.ts';
import type { RegisterStep } from './register-step.ts';
import { TakenSteps } from './taken-steps.ts';

export interface SearchResult {
  /** Whether one order explains all: each step at a moment between its `from` and `to`, each look true. */
  readonly exists: true | false | 'unknown';
  readonly configurations: number;
}

/** Which steps have their place already, and what the register then holds. All that is possible later follows from it. */
interface Configuration {
  readonly certain: TakenSteps;
  readonly possible: TakenSteps;
  /** So many from the beginning of their lists: of equals, the earliest is as good as any. */
  readonly deletes: number;
  readonly unnamed: number;
  readonly state: State;
}

/**
 * Looks for an order of the steps that a register could have gone through. It is the search of Wing and Gong (1993), which gives
 * places from the front, to one of those steps before which no other has to come; with the memory of Lowe (2017), which tries no
 * configuration twice. The rest makes it narrow, and changes no answer:
 * - a look that is true now is given its place now: it is no later than it must be, and changes nothing;
 * - of blind writes that leave the same, the one that must come first is taken first: they could change places;
 * - a possible write is taken only where a step that looks is waiting for what it leaves: else the order is as good without it;
 * - no value is replaced that a certain step must still see and nobody can write again.
 */
export function searchOrder(steps: readonly RegisterStep[], configurationsMax: number): SearchResult {
  const problem = problemOf(steps);
  const none = TakenSteps.none;
  const stack = [looked(problem, { certain: none, possible: none, deletes: 0, unnamed: 0, state: absent })];
  const seen = new Set(stack.map(keyOf));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.certain.low === problem.certain.length) return { exists: true, configurations: seen.size };
    for (const next of successors(problem, top)) {
      const after = looked(problem, next);
      const key = keyOf(after);
      if (seen.has(key)) continue;
      if (seen.size >= configurationsMax) return { exists: 'unknown', configurations: seen.size };
      seen.add(key);
      stack.push(after);
    }
  }
  return { exists: false, configurations: seen.size };
}

function keyOf({ certain, possible, deletes, unnamed: others, state }: Configuration): string {
  return `${certain.key} ${possible.key} ${deletes} ${others} ${state}`;
}

/** Gives a place to every look that is true now. */
function looked({ certain: steps }: RegisterProblem, configuration: Configuration): Configuration {
  const { state } = configuration;
  let certain = configuration.certain;
  for (let before = -1; before !== certain.low + certain.beyond.length; ) {
    before = certain.low + certain.beyond.length;
    for (const place of enabled(steps, certain).places) {
      const step = steps[place] as Step;
      if (step.leaves === undefined && isTrueOf(step, state)) certain = certain.with(place);
    }
  }
  return { ...configuration, certain };
}

/** The certain steps that may come next: none that is left ended before they began. `until`: nothing may come next that began after. */
function enabled(steps: readonly Step[], taken: TakenSteps): { places: number[]; until: number } {
  let until = Number.POSITIVE_INFINITY;
  const places: number[] = [];
  for (const place of taken.left(steps.length, (next) => isNext(steps[next], until))) {
    until = Math.min(until, (steps[place] as Step).to);
    places.push(place);
  }
  return { places: places.filter((place) => isNext(steps[place], until)), until };
}

/** The most promising last: the stack gives it first. */
function successors(problem: RegisterProblem, configuration: Configuration): Configuration[] {
  const { certain, possible, possibleDeletes, possibleUnnamed } = problem;
  const { state } = configuration;
  const { places, until } = enabled(certain, configuration.certain);
  const perhaps = [...configuration.possible.left(possible.length, (place) => isNext(possible[place], until))];
  const waiting = [
    ...places.map((place) => certain[place] as Step),
    ...perhaps.map((place) => possible[place] as Step),
  ];
  const looking = waiting.filter(({ isBlind }) => !isBlind);
  const isAwaited = (leaves: State) => looking.some((step) => isTrueOf(step, leaves));
  const next: Configuration[] = [];

  for (const place of perhaps) {
    const step = possible[place] as Step;
    const leaves = step.leaves as State;
    if (isTrueOf(step, state) && isAwaited(leaves))
      next.push({ ...configuration, possible: configuration.possible.with(place), state: leaves });
  }
  const { deletes, unnamed: others } = configuration;
  if (isNext(possibleDeletes[deletes], until) && isAwaited(absent)) {
    next.push({ ...configuration, deletes: deletes + 1, state: absent });
  }
  if (isNext(possibleUnnamed[others], until) && isAwaited(unnamed)) {
    next.push({ ...configuration, unnamed: others + 1, state: unnamed });
  }
  for (const place of firstOfEquals(certain, places, state)) {
    const leaves = (certain[place] as Step).leaves as State;
    next.push({ ...configuration, certain: configuration.certain.with(place), state: leaves });
  }
  return next.filter((after) => after.state === state || !isStillNeeded(problem, after, state));
}

function isNext(step: Step | undefined, until: number): boolean {
  return step !== undefined && step.from < until;
}

/** The writes that can be next, without those blind ones that leave what another leaves that must come earlier. The most urgent last. */
function firstOfEquals(steps: readonly Step[], places: readonly number[], state: State): number[] {
  const urgent = new Map<State, number>();
  const chosen: number[] = [];
  const byUrgency = places.toSorted((a, b) => (steps[a] as Step).to - (steps[b] as Step).to);
  for (const place of byUrgency) {
    const step = steps[place] as Step;
    if (step.leaves === undefined || !isTrueOf(step, state)) continue;
    if (step.isBlind && urgent.has(step.leaves)) continue;
    if (step.isBlind) urgent.set(step.leaves, place);
    chosen.push(place);
  }
  return chosen.reverse();
}

/** Whether a step that must have its place needs `state`, which is gone, and nothing is left that could bring it back. */
function isStillNeeded(problem: RegisterProblem, { certain, possible }: Configuration, state: State): boolean {
  if (state === absent || state === unnamed) return false;
  const isLeft = (place: number) => !certain.has(place);
  if (problem.needing.get(state)?.some(isLeft) !== true) return false;
  if (problem.leaving.get(state)?.some(isLeft) === true) return false;
  return problem.perhapsLeaving.get(state)?.some((place) => !possible.has(place)) !== true;
}
