import type { Verdict } from '../checkers/verdict.ts';
import type { HistoryEvent, Phase } from '../history/events.ts';

/** `verdict.json`: what a run showed. */
export interface Judgement {
  readonly overall: Verdict['holds'];
  readonly verdicts: readonly Verdict[];
  readonly counts: Counts;
  /** Of each phase that began, in ms. */
  readonly phasesMs: Partial<Record<Phase, number>>;
}

export interface Counts {
  readonly operations: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Without an end. */
  readonly open: number;
  /** Faults that began. */
  readonly faults: number;
}

/** 0 pass, 1 fail, 2 unknown; what is no verdict at all, 3. */
export const exitCodes = { pass: 0, fail: 1, unknown: 2, harnessError: 3 } as const;

export function exitCodeOf(overall: Verdict['holds']): number {
  if (overall === 'unknown') return exitCodes.unknown;
  return overall ? exitCodes.pass : exitCodes.fail;
}

/** Of several runs: one that failed outweighs one that the harness could not do, and that one what could not be told. */
export function worstOf(codes: readonly number[]): number {
  const { fail, harnessError, unknown, pass } = exitCodes;
  return [fail, harnessError, unknown].find((code) => codes.includes(code)) ?? pass;
}

/** What is counted of a history, whatever is thought of it. */
export function summaryOf(history: readonly HistoryEvent[]): Pick<Judgement, 'counts' | 'phasesMs'> {
  const many = (type: HistoryEvent['type']) => history.filter((event) => event.type === type).length;
  const [operations, ok, fail, info] = [many('invoke'), many('ok'), many('fail'), many('info')];
  const open = operations - ok - fail - info;
  const faults = history.filter((event) => event.type === 'fault' && event.state === 'started').length;
  return { counts: { operations, ok, fail, info, open, faults }, phasesMs: phasesOf(history) };
}

function phasesOf(history: readonly HistoryEvent[]): Judgement['phasesMs'] {
  const phases = history.filter((event) => event.type === 'phase');
  const ends = [...phases.slice(1), history.at(-1)].map((event) => event?.at ?? 0);
  return Object.fromEntries(phases.map(({ phase, at }, n) => [phase, Math.round(((ends[n] ?? at) - at) / 1000)]));
}
