import type { Operation } from '../history/operations.ts';

/**
 * Whether some order of the operations on one key, and of lists of that key alone, explains all of them, by trying every one. It is written from what the answers
 * mean, shares nothing with the checker, and is only good for a handful of operations.
 */
export function someOrderExplains(operations: readonly Operation[], held: string | null = null): boolean {
  const mustBe = operations.filter(({ outcome }) => outcome === 'ok');
  if (mustBe.length === 0) return true;
  return operations.some((next) => {
    if (mustBe.some((other) => other !== next && other.to < next.from)) return false;
    const after = afterwards(next, held);
    return (
      after !== 'impossible' &&
      someOrderExplains(
        operations.filter((other) => other !== next),
        after.held,
      )
    );
  });
}

function afterwards({ call, outcome, seen }: Operation, held: string | null): { held: string | null } | 'impossible' {
  const same = { held };
  if (outcome === 'fail') return same;
  if (call.kind === 'list') {
    if (seen?.kind !== 'keys') return same;
    return (seen.keys[0]?.value ?? null) === held ? same : 'impossible';
  }
  if (call.kind === 'delete') return { held: null };
  if (call.kind === 'put') {
    const { condition, value } = call;
    const isTrue = condition === null || ('ifMatch' in condition ? held === condition.ifMatch : held === null);
    if (seen?.kind === 'refused') return isTrue ? 'impossible' : same;
    return isTrue ? { held: value } : 'impossible';
  }
  if (outcome !== 'ok') return same;
  if (seen?.kind === 'absent') return held === null ? same : 'impossible';
  return seen?.kind === 'content' && seen.value === held ? same : 'impossible';
}
