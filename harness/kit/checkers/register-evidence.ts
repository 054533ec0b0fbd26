import { searchOrder } from './register-search.ts';
import type { RegisterStep } from './register-step.ts';

/** How often the search may be run to make the evidence small. */
const searchesMax = 200;

/**
 * The operations that together no order explains, in the order of their begin; the last to end is the one that broke it. First
 * the shortest beginning of the history is found that has no order; then everything that it can do without is taken out
 * of it: a look is dropped, and a write becomes one that may never have been, at any time since.
 * What the search cannot settle is kept, so that what is left has certainly no order. `configurationsMax` bounds all searches together.
 */
export function evidenceOf(steps: readonly RegisterStep[], configurationsMax: number): number[] {
  let searches = 0;
  let left = configurationsMax;
  const hasNoOrder = (some: readonly RegisterStep[]) => {
    if (searches++ >= searchesMax || left <= 0) return false;
    const { exists, configurations } = searchOrder(some, left);
    left -= configurations;
    return exists === false;
  };
  const beginning = shortestBeginning(steps, hasNoOrder);
  const isLook = ({ leaves }: RegisterStep) => leaves === undefined;
  // Looks first: a reader of the evidence sees more in acknowledged writes.
  const certain = ofCertain(beginning).toSorted((a, b) => Number(isLook(b)) - Number(isLook(a)));
  let needed = certain;
  for (let size = certain.length; size > 0; size >>= 1) {
    for (let at = 0; at < needed.length; ) {
      const fewer = needed.toSpliced(at, size);
      if (hasNoOrder(weakened(beginning, fewer))) needed = fewer;
      else at += size;
    }
  }
  // The write that a look saw belongs to the picture, though the look alone may be what cannot be.
  const seen = new Set(needed.map(({ needs }) => (needs !== null && 'is' in needs ? needs.is : null)));
  const isShown = (step: RegisterStep) =>
    needed.some(({ op }) => op === step.op) || (step.leaves != null && seen.has(step.leaves));
  return beginning.filter(isShown).map(({ op }) => op);
}

function shortestBeginning(
  steps: readonly RegisterStep[],
  hasNoOrder: (some: readonly RegisterStep[]) => boolean,
): readonly RegisterStep[] {
  const ends = ofCertain(steps)
    .map(({ to }) => to)
    .toSorted((a, b) => a - b);
  let [tooShort, enough] = [-1, ends.length - 1];
  while (enough - tooShort > 1) {
    const middle = (tooShort + enough) >> 1;
    if (hasNoOrder(until(steps, ends[middle] as number))) enough = middle;
    else tooShort = middle;
  }
  return until(steps, ends[enough] as number);
}

/** As a history that breaks off there: what had not ended by then may never be. */
function until(steps: readonly RegisterStep[], moment: number): RegisterStep[] {
  const begun = steps.filter(({ from }) => from <= moment);
  return weakened(
    begun,
    begun.filter(({ to }) => to <= moment),
  );
}

function weakened(steps: readonly RegisterStep[], stillCertain: readonly RegisterStep[]): RegisterStep[] {
  const kept = new Set(stillCertain);
  return steps.flatMap((step) => {
    if (kept.has(step)) return [step];
    return step.leaves === undefined ? [] : [{ ...step, to: Number.POSITIVE_INFINITY }];
  });
}

function ofCertain(steps: readonly RegisterStep[]): RegisterStep[] {
  return steps.filter(({ to }) => to < Number.POSITIVE_INFINITY);
}
