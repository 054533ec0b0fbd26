import type { Verdict } from '../../kit/checkers/verdict.ts';
import type { EndEvent, HistoryEvent, InvokeEvent, Micros } from '../../kit/history/events.ts';
import { isEnd } from '../../kit/history/operations.ts';
import { callText, endText } from '../operation-text.ts';
import type { Mark, ServiceLog, Span } from './service-log.ts';

/** All that the page draws. Times are those of the history. */
export interface Timeline {
  readonly scenario: string;
  readonly seed: string;
  readonly startedAt: string;
  readonly overall: Verdict['holds'];
  readonly verdicts: readonly Verdict[];
  readonly from: Micros;
  readonly to: Micros;
  readonly phases: readonly Stretch[];
  readonly faults: readonly FaultStretch[];
  readonly operations: readonly TimelineOperation[];
  readonly marks: readonly Mark[];
  readonly spans: readonly Span[];
}

export interface Stretch {
  readonly name: string;
  readonly from: Micros;
  readonly to: Micros;
}

/** Between `began` and `over` it was whole; before and after it was on its way. */
export interface FaultStretch extends Stretch {
  readonly began: Micros;
  readonly over: Micros;
}

export interface TimelineOperation {
  readonly op: number;
  readonly client: string;
  readonly node: string;
  /** Of a list, its prefix and an asterisk. */
  readonly key: string;
  readonly kind: 'write' | 'read' | 'list';
  /** `open`: the run ended first; then `to` is the end of the run. */
  readonly outcome: 'ok' | 'fail' | 'info' | 'open';
  readonly from: Micros;
  readonly to: Micros;
  readonly text: string;
  readonly trace: string | null;
}

/** Pure. */
export function timelineOf(
  history: readonly HistoryEvent[],
  { verdicts, overall }: { readonly verdicts: readonly Verdict[]; readonly overall: Verdict['holds'] },
  logs: readonly ServiceLog[],
): Timeline {
  const [run] = history;
  if (run?.type !== 'run') throw new Error('a history begins with its run');
  const end = history.at(-1)?.at ?? run.at;
  const phases = phasesOf(history, end);
  return {
    scenario: run.scenario,
    seed: run.seed,
    startedAt: run.startedAt,
    overall,
    verdicts,
    // The start of the store is of no interest, and may take longer than the load.
    from: phases[0]?.from ?? run.at,
    to: end,
    phases,
    faults: faultsOf(history, end),
    operations: operationsOf(history, end),
    marks: [...exitsOf(history), ...logs.flatMap(({ marks }) => marks)],
    spans: logs.flatMap(({ spans }) => spans),
  };
}

function phasesOf(history: readonly HistoryEvent[], end: Micros): Stretch[] {
  const phases = history.filter((event) => event.type === 'phase');
  return phases.map(({ phase, at }, n) => ({ name: phase, from: at, to: phases[n + 1]?.at ?? end }));
}

function faultsOf(history: readonly HistoryEvent[], end: Micros): FaultStretch[] {
  const events = history.filter((event) => event.type === 'fault');
  return [...Map.groupBy(events, ({ fault }) => fault).values()].map((steps) => {
    const at = (state: string) => steps.find((step) => step.state === state)?.at;
    const from = steps[0]?.at ?? end;
    // What failed to start has been taken back; what failed to stop stands.
    const stopping = at('stopping');
    const to = at('stopped') ?? (stopping === undefined ? at('failed') : undefined) ?? end;
    const over = stopping ?? to;
    // What it did is known best when it is over.
    return { name: steps.at(-1)?.what ?? '', from, began: Math.min(at('started') ?? over, over), over, to };
  });
}

function operationsOf(history: readonly HistoryEvent[], end: Micros): TimelineOperation[] {
  const ends = new Map(history.filter(isEnd).map((event) => [event.op, event]));
  return history
    .filter((event) => event.type === 'invoke')
    .map((invoke) => operationOf(invoke, ends.get(invoke.op), end));
}

function operationOf(
  { op, at, process, node, call }: InvokeEvent,
  ended: EndEvent | undefined,
  end: Micros,
): TimelineOperation {
  return {
    op,
    client: process,
    node,
    key: call.kind === 'list' ? `${call.prefix}*` : call.key,
    kind: call.kind === 'list' ? 'list' : call.kind === 'put' || call.kind === 'delete' ? 'write' : 'read',
    outcome: ended?.type ?? 'open',
    from: at,
    to: ended?.at ?? end,
    text: `${callText(call)} -> ${endText(ended)}`,
    trace: ended?.trace ?? null,
  };
}

function exitsOf(history: readonly HistoryEvent[]): Mark[] {
  return history
    .filter((event) => event.type === 'exit')
    .map(({ at, node, code, signal }) => {
      return { at, node, level: 'error', text: `ended by itself: ${signal ?? `exit code ${code}`}`, trace: null };
    });
}
