/**
 * Delta debugging: the part of `items` of which nothing can be left out without `fails` turning false, in their order.
 * Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002), with nothing at all tried first, since
 * a failure often needs none of the items. `items` as a whole must fail; a `fails` that is not sure may say false.
 */
export async function ddmin<T>(
  items: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  if (items.length === 0 || (await fails([]))) return [];
  let left = items;
  for (let pieces = 2; left.length >= 2; ) {
    const smaller = await firstThatFails(left, pieces, fails);
    if (smaller !== undefined) {
      left = smaller.items;
      pieces = Math.min(smaller.pieces, Math.max(2, left.length));
    } else if (pieces < left.length) {
      pieces = Math.min(left.length, pieces * 2);
    } else {
      return left;
    }
  }
  return left;
}

/** One piece alone, or all but one piece, and into how many pieces that is cut next. */
async function firstThatFails<T>(
  items: readonly T[],
  pieces: number,
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<{ items: readonly T[]; pieces: number } | undefined> {
  const cuts = Array.from({ length: pieces + 1 }, (_, n) => Math.floor((n * items.length) / pieces));
  const bounds = cuts.slice(0, -1).map((from, n) => [from, cuts[n + 1] as number] as const);
  for (const [from, to] of bounds) {
    const piece = items.slice(from, to);
    if (await fails(piece)) return { items: piece, pieces: 2 };
  }
  // Of two pieces, the one is all but the other.
  if (pieces === 2) return undefined;
  for (const [from, to] of bounds) {
    const rest = items.toSpliced(from, to - from);
    if (await fails(rest)) return { items: rest, pieces: pieces - 1 };
  }
  return undefined;
}
