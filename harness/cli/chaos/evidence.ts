import type { EndEvent, FaultEvent, HistoryEvent, InvokeEvent, Micros } from '../../kit/history/events.ts';
import { isEnd } from '../../kit/history/operations.ts';
import { callText, endText } from '../../report/operation-text.ts';

const rowsMax = 24;
const faultsBeforeMax = 3;

/** The operations that show a violation, as a small table in the order of their beginning, and the faults around them. */
export function evidenceLines(history: readonly HistoryEvent[], operations: readonly number[]): string[] {
  const wanted = new Set(operations);
  const invokes = history.filter((event) => event.type === 'invoke').filter(({ op }) => wanted.has(op));
  if (invokes.length === 0) return [];
  const ends = new Map(history.filter(isEnd).map((end) => [end.op, end]));
  const from = Math.min(...invokes.map(({ at }) => at));
  const to = Math.max(...invokes.map(({ op, at }) => ends.get(op)?.at ?? at));
  const rows = invokes.slice(-rowsMax).map((invoke) => rowOf(invoke, ends.get(invoke.op)));
  const left = invokes.length - rows.length;
  return [
    ...(left === 0 ? [] : [`(${left} operations before these)`]),
    ...aligned(rows),
    ...faultsAround(history, from, to),
  ];
}

function rowOf({ op, at, process, node, call }: InvokeEvent, end: EndEvent | undefined): string[] {
  const until = end === undefined ? '' : `- ${seconds(end.at)}`;
  return [seconds(at), until, `#${op}`, process, node, callText(call), `-> ${endText(end)}`];
}

/** In words and with their times. Those just before are shown too: damage outlasts the moment in which it is done. */
function faultsAround(history: readonly HistoryEvent[], from: Micros, to: Micros): string[] {
  const byFault = Map.groupBy(
    history.filter((event) => event.type === 'fault'),
    ({ fault }) => fault,
  );
  const faults = [...byFault.values()].map((events) => {
    const [first, last] = [events[0], events.at(-1)] as [FaultEvent, FaultEvent];
    // What failed to start has been taken back; what failed to stop stands.
    const isOver = last.state === 'stopped' || (last.state === 'failed' && events.every(isNotStopping));
    const to = isOver ? last.at : Number.POSITIVE_INFINITY;
    // What it did is known best when it is over.
    return { from: first.at, to, text: `${last.what} (${seconds(first.at)} - ${isOver ? seconds(to) : 'the end'})` };
  });
  const before = faults.filter((fault) => fault.to < from).slice(-faultsBeforeMax);
  const during = faults.filter((fault) => fault.from <= to && fault.to >= from);
  return [
    ...before.map(({ text }) => `fault before:      ${text}`),
    ...during.map(({ text }) => `fault at the time: ${text}`),
  ];
}

function isNotStopping({ state }: FaultEvent): boolean {
  return state !== 'stopping';
}

function seconds(at: Micros): string {
  return `${(at / 1_000_000).toFixed(3)} s`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
