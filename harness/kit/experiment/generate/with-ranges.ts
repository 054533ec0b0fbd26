import type { Choices } from '../../seed/choices.ts';
import type { ClientPlan, PlannedOperation } from '../plan.ts';

const rangedPerCent = 30;

interface Sizes {
  readonly smallest: number;
  readonly largest: number;
}

/**
 * Makes some gets of the plan gets of a range. It begins within the smallest value that its key can have, so that it can be
 * answered whatever is there, and ends anywhere in the largest, or behind the end of what is there.
 */
export function withRanges(clients: readonly ClientPlan[], choices: Choices): ClientPlan[] {
  const sizes = sizesByKey(clients);
  const ranged = (operation: PlannedOperation): PlannedOperation => {
    const { call } = operation;
    const of = call.kind === 'get' ? sizes.get(call.key) : undefined;
    if (call.kind !== 'get' || of === undefined || !choices.chance(rangedPerCent)) return operation;
    const first = choices.int(0, of.smallest - 1);
    return { ...operation, call: { ...call, range: { first, last: choices.int(first, of.largest - 1) } } };
  };
  return clients.map((client) => ({ ...client, operations: client.operations.map(ranged) }));
}

function sizesByKey(clients: readonly ClientPlan[]): Map<string, Sizes> {
  const sizes = new Map<string, Sizes>();
  for (const { call } of clients.flatMap(({ operations }) => operations)) {
    if (call.kind !== 'put') continue;
    const { smallest, largest } = sizes.get(call.key) ?? { smallest: call.bytes, largest: call.bytes };
    sizes.set(call.key, { smallest: Math.min(smallest, call.bytes), largest: Math.max(largest, call.bytes) });
  }
  return sizes;
}
