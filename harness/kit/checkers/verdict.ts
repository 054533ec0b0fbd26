import type { HistoryEvent } from '../history/events.ts';

/** What a checker says of one promise over one history. */
export interface Verdict {
  /** The name of the checker: `linearizable`. */
  readonly checker: string;
  /** `unknown`: this history, or the time that was given, does not allow to tell. */
  readonly holds: true | false | 'unknown';
  /** One sentence: what was violated, or what was looked at, or what is missing to tell. */
  readonly because: string;
  /** The operations that together show the violation; empty otherwise. */
  readonly operations: readonly number[];
}

/** Pure: the same history always gets the same verdict, and nothing else is looked at. */
export type Checker = (history: readonly HistoryEvent[]) => Verdict;
