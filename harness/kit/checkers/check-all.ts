import type { HistoryEvent } from '../history/events.ts';
import { acknowledgedReadable } from './acknowledged-readable.ts';
import { available } from './available.ts';
import { boundedUnavailability } from './bounded-unavailability.ts';
import { census } from './census.ts';
import { exercised } from './exercised.ts';
import { linearizableWithin } from './linearizable.ts';
import { listComplete } from './list-complete.ts';
import { monotonicVersions } from './monotonic-versions.ts';
import { noResurrection } from './no-resurrection.ts';
import { recovers } from './recovers.ts';
import { spaceReturned } from './space-returned.ts';
import { staysUp } from './stays-up.ts';
import type { Checker, Verdict } from './verdict.ts';
import { undecided } from './verdict-of.ts';
import { versionsKept } from './versions-kept.ts';
import { wholeBytes } from './whole-bytes.ts';

/** Of a plan, those that a checker asks for. */
export interface CheckedLimits {
  readonly operationMs: number;
  readonly recoveryMs: number;
}

export interface Judged {
  readonly verdicts: readonly Verdict[];
  /** False if one is false; else unknown if one is unknown. */
  readonly overall: Verdict['holds'];
}

/** Some seconds of search for a key; past it, it is unknown. */
const configurationsMax = 200_000;
const acknowledgedMin = 10;

/** Every promise over one history. A checker that fails says nothing of the store: its verdict is unknown. */
export function checkAll(
  history: readonly HistoryEvent[],
  limits: CheckedLimits,
  checkers: readonly Checker[] = allCheckers(limits),
): Judged {
  const verdicts = checkers.map((checker) => verdictOf(checker, history));
  const said = (holds: Verdict['holds']) => verdicts.some((verdict) => verdict.holds === holds);
  const isSilent = verdicts.length === 0;
  return { verdicts, overall: said(false) ? false : said('unknown') || isSilent ? 'unknown' : true };
}

function allCheckers({ operationMs, recoveryMs }: CheckedLimits): Checker[] {
  return [
    exercised(acknowledgedMin),
    wholeBytes,
    acknowledgedReadable,
    noResurrection,
    linearizableWithin(configurationsMax),
    listComplete,
    monotonicVersions,
    versionsKept,
    boundedUnavailability(operationMs),
    available(recoveryMs),
    staysUp,
    recovers(recoveryMs),
    census,
    spaceReturned,
  ];
}

function verdictOf(checker: Checker, history: readonly HistoryEvent[]): Verdict {
  try {
    return checker(history);
  } catch (error) {
    return undecided(checker.name, `the checker failed: ${error instanceof Error ? error.message : error}`);
  }
}
