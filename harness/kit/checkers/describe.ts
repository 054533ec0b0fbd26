import type { Call, Seen } from '../history/events.ts';
import type { Operation } from '../history/operations.ts';

/** `client-5's get of photos/7 (operation 12) -> v17` */
export function describe({ op, process, call, outcome, seen }: Operation): string {
  return `${process}'s ${describeCall(call)} (operation ${op}) -> ${outcome === 'ok' ? describeSeen(seen) : outcome}`;
}

/** Keys of S3 and names of `/files` are apart. */
export function registerOf(call: Exclude<Call, { readonly kind: 'list' }>): string {
  return call.via === 's3' ? call.key : `/files ${call.key}`;
}

function describeCall(call: Call): string {
  if (call.kind === 'list') return `list of ${call.via === 's3' ? '' : '/files '}"${call.prefix}"`;
  if (call.kind !== 'put') return `${call.kind} of ${registerOf(call)}`;
  const { condition, value } = call;
  const asked =
    condition === null ? '' : 'ifMatch' in condition ? ` if it is ${condition.ifMatch}` : ' if there is none';
  return `put of ${value} to ${registerOf(call)}${asked}`;
}

export function describeSeen(seen: Seen | null): string {
  if (seen === null) return 'ok';
  switch (seen.kind) {
    case 'written':
      return 'ok';
    case 'content':
      return seen.wrong === null
        ? (seen.value ?? 'bytes of no value')
        : `${seen.value ?? 'bytes of no value'}, ${seen.wrong}`;
    case 'keys':
      return `${seen.keys.length} keys`;
    default:
      return seen.kind;
  }
}
