import type { Condition, ValueId } from '../history/events.ts';
import type { Operation } from '../history/operations.ts';

/** What a register holds: a value, or null where there is no object. */
export type Held = ValueId | null;

/** One operation on one key as the search sees it: at one moment between `from` and `to` the register is as `needs` says, and then holds `leaves`. */
export interface RegisterStep {
  readonly op: number;
  readonly from: number;
  /** Infinite: it may also never happen. */
  readonly to: number;
  readonly needs: { readonly is: Held } | { readonly isNot: Held } | null;
  /** Undefined where it only looks. */
  readonly leaves: Held | undefined;
}

/** Of the operations on one key. What certainly had no effect and saw nothing is no step. */
export function stepsOf(operations: readonly Operation[]): RegisterStep[] {
  return operations.flatMap((operation) => {
    const meaning = meaningOf(operation);
    if (meaning === undefined) return [];
    const { mayNeverBe = false, needs = null, leaves } = meaning;
    const to = mayNeverBe ? Number.POSITIVE_INFINITY : operation.to;
    return [{ op: operation.op, from: operation.from, to, needs, leaves }];
  });
}

interface Meaning {
  readonly needs?: RegisterStep['needs'];
  readonly leaves?: Held;
  readonly mayNeverBe?: boolean;
}

function meaningOf({ call, outcome, seen }: Operation): Meaning | undefined {
  if (outcome === 'fail' || call.kind === 'list') return undefined;
  switch (call.kind) {
    case 'get':
    case 'head':
      if (seen?.kind === 'absent') return { needs: { is: null } };
      // Bytes that are wrong say nothing of the order of the writes; `whole-bytes` reports them.
      if (seen?.kind !== 'content' || seen.value === null || seen.wrong !== null) return undefined;
      return { needs: { is: seen.value } };
    case 'delete':
      // Also one that found nothing leaves nothing.
      return { leaves: null };
    case 'put': {
      const holds = call.condition === null ? null : heldBy(call.condition);
      if (outcome === 'ok' && seen?.kind === 'refused' && holds !== null) return { needs: { isNot: holds.is } };
      if (outcome === 'ok' && seen?.kind === 'absent' && holds !== null) return { needs: { is: null } };
      const isWritten = seen === null || seen.kind === 'written';
      return { needs: holds, leaves: call.value, mayNeverBe: !isWritten };
    }
  }
}

function heldBy(condition: Condition): { readonly is: Held } {
  return { is: 'ifMatch' in condition ? condition.ifMatch : null };
}
