import type { Call, EndEvent, HistoryEvent, Micros, Seen } from './events.ts';

/** One call of one client: its invoke, paired with its end. */
export interface Operation {
  readonly op: number;
  readonly process: string;
  readonly node: string;
  readonly call: Call;
  /** `open`: the run ended first. Then it is as with `info`: it may still take effect at any later time. */
  readonly outcome: 'ok' | 'fail' | 'info' | 'open';
  readonly answer: string;
  /** Null where nothing was seen, and always where the outcome is not `ok`. */
  readonly seen: Seen | null;
  readonly invokedAt: Micros;
  /** Null where it is open. */
  readonly endedAt: Micros | null;
  /**
   * The places of its invoke and its end in the history: a is before b when `a.to < b.from`. They order what the clock's grain
   * does not. `to` is infinite for `info` and `open`.
   */
  readonly from: number;
  readonly to: number;
}

export function isEnd(event: HistoryEvent): event is EndEvent {
  return event.type === 'ok' || event.type === 'fail' || event.type === 'info';
}

/** In the order of their invokes. Throws where an end has no invoke before it, or an operation begins or ends twice. */
export function operationsOf(history: readonly HistoryEvent[]): Operation[] {
  const operations = new Map<number, Operation>();
  for (const [place, event] of history.entries()) {
    if (event.type === 'invoke') {
      const { op, process, node, call, at } = event;
      if (operations.has(op)) throw new Error(`operation ${op} is invoked twice`);
      const open = { outcome: 'open', answer: '', seen: null, endedAt: null, to: Number.POSITIVE_INFINITY } as const;
      operations.set(op, { op, process, node, call, invokedAt: at, from: place, ...open });
    } else if (isEnd(event)) {
      const { type: outcome, op, answer, at: endedAt } = event;
      const begun = operations.get(op);
      if (begun === undefined) throw new Error(`operation ${op} ends and was never invoked`);
      if (begun.outcome !== 'open') throw new Error(`operation ${op} ends twice`);
      const to = outcome === 'info' ? Number.POSITIVE_INFINITY : place;
      const seen = outcome === 'ok' ? event.seen : null;
      operations.set(op, { ...begun, outcome, answer, seen, endedAt, to });
    }
  }
  return [...operations.values()];
}
