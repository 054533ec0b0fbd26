import { absent, isTrueOf, type RegisterProblem, type State, type Step, unnamed } from './register-problem.ts';
import type { Configuration } from './register-search.ts';

/**
 * Whether no order can go on from here, known without trying: after a step, when `replaced` was held before it. A value is written
 * once, so a step that must see it has to come while it is held, and what must come before that step and is no look at the value never can.
 */
export function isWithoutWayOn(problem: RegisterProblem, after: Configuration, replaced: State): boolean {
  if (after.state !== replaced && isNeededOnceMore(problem, after, replaced)) return true;
  const lastNeed = latestNeed(problem, after, after.state);
  if (lastNeed === undefined || canBeWritten(problem, after, after.state)) return false;
  const { certain } = problem;
  const earlier = after.certain.left(certain.length, (place) => (certain[place] as Step).from < lastNeed.from);
  return earlier.some((place) => {
    const step = certain[place] as Step;
    return step.to < lastNeed.from && (step.leaves !== undefined || !isTrueOf(step, after.state));
  });
}

function isNeededOnceMore(problem: RegisterProblem, after: Configuration, state: State): boolean {
  return latestNeed(problem, after, state) !== undefined && !canBeWritten(problem, after, state);
}

/** The last to begin of the steps that must still have their place and need `state`. */
function latestNeed({ certain, needing }: RegisterProblem, after: Configuration, state: State): Step | undefined {
  const place = needing.get(state)?.findLast((one) => !after.certain.has(one));
  return place === undefined ? undefined : certain[place];
}

function canBeWritten(problem: RegisterProblem, { certain, possible }: Configuration, state: State): boolean {
  if (state === absent || state === unnamed) return true;
  return (
    problem.leaving.get(state)?.some((place) => !certain.has(place)) === true ||
    problem.perhapsLeaving.get(state)?.some((place) => !possible.has(place)) === true
  );
}

/**
 * Whether the certain write at `place`, a blind one, may as well come now as before any other blind write: all that could look at
 * what it leaves has begun, and is done with it now. Wherever an order has it later, nothing but a blind write comes after it and
 * those looks, so the order is as good with all of them moved here. Not so where a condition could make use of it.
 */
export function isReplaceable(problem: RegisterProblem, now: Configuration, place: number, until: number): boolean {
  const { certain, possible, horizons } = problem;
  const { isBlind, leaves } = certain[place] as Step;
  if (!isBlind || leaves === undefined) return false;
  const horizon = horizons[place] as number;
  const mayLook = ({ is, isNot }: Step) => is === leaves || (isNot !== undefined && isNot !== leaves);
  const isDone = (step: Step) => !mayLook(step) || (step.leaves === undefined && step.from < until);
  return (
    now.certain
      .left(certain.length, (one) => (certain[one] as Step).from < horizon)
      .every((one) => isDone(certain[one] as Step)) &&
    now.possible
      .left(possible.length, (one) => (possible[one] as Step).from < horizon)
      .every((one) => !mayLook(possible[one] as Step))
  );
}
