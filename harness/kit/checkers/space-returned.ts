import type { Checker } from './verdict.ts';
import { holding, inShort, undecided, violated } from './verdict-of.ts';

const checker = 'space-returned';

/** Once everything has been deleted, nothing is left of it: what is still referred to by nothing is space that nobody gives back. */
export const spaceReturned: Checker = (history) => {
  const last = history.findLast((event) => event.type === 'cleared');
  if (last === undefined)
    return undecided(checker, 'not everything was deleted, so nothing can be said of what is left');
  if (last.left === null) return holding(checker, 'the data was to stay, so nothing was deleted');
  if (last.left.length > 0) return violated(checker, `after all was deleted: ${inShort(last.left)}`, []);
  return holding(checker, 'all was deleted, and neither tables nor disks have anything left of it');
};
