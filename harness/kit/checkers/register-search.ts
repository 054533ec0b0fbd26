import {
  absent,
  isTrueOf,
  problemOf,
  type RegisterProblem,
  type State,
  type Step,
  unnamed,
} from './register-problem.ts';
import { isReplaceable, isWithoutWayOn } from './register-prospects.ts';
import type { RegisterStep } from './register-step.ts';
import { TakenSteps } from './taken-steps.ts';

export interface SearchResult {
  /** Whether one order explains all: each step at a moment between its `from` and `to`, each look true. */
  readonly exists: true | false | 'unknown';
  readonly configurations: number;
}

/** Which steps have their place already, and what the register then holds. All that is possible later follows from it. */
export interface Configuration {
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
 * configuration twice, nor here one that is worse than another. The rest makes it narrow, and changes no answer:
 * - a look that is true now is given its place now: it is no later than it must be, and changes nothing;
 * - of blind writes that leave the same, the one that must come first is taken first: they could change places;
 * - a possible write is taken only where a step that looks is waiting for what it leaves: else the order is as good without it;
 * - what `register-prospects.ts` tells.
 */
export function searchOrder(steps: readonly RegisterStep[], configurationsMax: number): SearchResult {
  const problem = problemOf(steps);
  const none = TakenSteps.none;
  const start = looked(problem, { certain: none, possible: none, deletes: 0, unnamed: 0, state: absent });
  const stack = [start];
  const tried = new Map<string, Configuration[]>([[keyOf(start), [start]]]);
  let configurations = 1;
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.certain.low === problem.certain.length) return { exists: true, configurations };
    for (const next of successors(problem, top)) {
      const after = looked(problem, next);
      if (isWithoutWayOn(problem, after, top.state)) continue;
      const key = keyOf(after);
      const others = tried.get(key) ?? [];
      if (others.some((other) => isAsGood(other, after))) continue;
      if (configurations++ >= configurationsMax) return { exists: 'unknown', configurations };
      tried.set(key, [...others.filter((other) => !isAsGood(after, other)), after]);
      stack.push(after);
    }
  }
  return { exists: false, configurations };
}

function keyOf({ certain, state }: Configuration): string {
  return `${certain.key} ${state}`;
}

/** Of two that differ in the possible writes alone: what can follow when more of them were taken can also when fewer were. */
function isAsGood(one: Configuration, than: Configuration): boolean {
  return one.deletes <= than.deletes && one.unnamed <= than.unnamed && one.possible.isWithin(than.possible);
}

/** Gives a place to every look that is true now. */
function looked({ certain: steps }: RegisterProblem, configuration: Configuration): Configuration {
  const { state } = configuration;
  let certain = configuration.certain;
  for (let isMore = true; isMore; ) {
    const looks = enabled(steps, certain).places.filter((place) => {
      const step = steps[place] as Step;
      return step.leaves === undefined && isTrueOf(step, state);
    });
    for (const place of looks) certain = certain.with(place);
    isMore = looks.length > 0;
  }
  return { ...configuration, certain };
}

/** The certain steps that may come next: none that is left ended before they began. `until`: nothing may come next that began after. */
function enabled(steps: readonly Step[], taken: TakenSteps): { places: number[]; until: number } {
  let until = Number.POSITIVE_INFINITY;
  const places = taken.left(steps.length, (place) => {
    const isWithin = isNext(steps[place], until);
    if (isWithin) until = Math.min(until, (steps[place] as Step).to);
    return isWithin;
  });
  return { places: places.filter((place) => isNext(steps[place], until)), until };
}

/** The most promising last: the stack gives it first. */
function successors(problem: RegisterProblem, configuration: Configuration): Configuration[] {
  const { certain, possible, possibleDeletes, possibleUnnamed } = problem;
  const { state } = configuration;
  const { places, until } = enabled(certain, configuration.certain);
  const perhaps = configuration.possible.left(possible.length, (place) => isNext(possible[place], until));
  const waiting = [
    ...places.map((place) => certain[place] as Step),
    ...perhaps.map((place) => possible[place] as Step),
  ];
  const looking = waiting.filter(({ isBlind }) => !isBlind);
  const isAwaited = (leaves: State) => looking.some((step) => isTrueOf(step, leaves));
  const writes = firstOfEquals(certain, places, state);
  const free = writes.find((place) => isReplaceable(problem, configuration, place, until));
  const isTried = (step: Step) => free === undefined || !step.isBlind;
  const next: Configuration[] = [];

  for (const place of perhaps) {
    const step = possible[place] as Step;
    const leaves = step.leaves as State;
    if (!isTried(step) || !isTrueOf(step, state) || !isAwaited(leaves)) continue;
    next.push({ ...configuration, possible: configuration.possible.with(place), state: leaves });
  }
  const { deletes, unnamed: others } = configuration;
  if (free === undefined && isNext(possibleDeletes[deletes], until) && isAwaited(absent)) {
    next.push({ ...configuration, deletes: deletes + 1, state: absent });
  }
  if (free === undefined && isNext(possibleUnnamed[others], until) && isAwaited(unnamed)) {
    next.push({ ...configuration, unnamed: others + 1, state: unnamed });
  }
  for (const place of writes) {
    const step = certain[place] as Step;
    if (place !== free && !isTried(step)) continue;
    next.push({ ...configuration, certain: configuration.certain.with(place), state: step.leaves as State });
  }
  return next;
}

function isNext(step: Step | undefined, until: number): boolean {
  return step !== undefined && step.from < until;
}

/** The writes that can be next, without those blind ones that leave what another leaves that must come earlier. The most urgent last. */
function firstOfEquals(steps: readonly Step[], places: readonly number[], state: State): number[] {
  const urgent = new Set<State>();
  const byUrgency = places.toSorted((a, b) => (steps[a] as Step).to - (steps[b] as Step).to);
  const chosen = byUrgency.filter((place) => {
    const step = steps[place] as Step;
    if (step.leaves === undefined || !isTrueOf(step, state)) return false;
    if (!step.isBlind) return true;
    const isFirst = !urgent.has(step.leaves);
    urgent.add(step.leaves);
    return isFirst;
  });
  return chosen.reverse();
}
