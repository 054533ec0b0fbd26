import type { Call, EndEvent } from '../kit/history/events.ts';

/** What was asked: `put registers/7 = v18, 20000 bytes if it is v17`. */
export function callText(call: Call): string {
  const via = call.via === 's3' ? '' : ' (files)';
  switch (call.kind) {
    case 'put': {
      const parts = call.parts === 1 ? '' : ` in ${call.parts} parts`;
      const condition = call.condition === null ? '' : ` if ${conditionText(call.condition)}`;
      return `put ${call.key} = ${call.value}, ${call.bytes} bytes${parts}${condition}${via}`;
    }
    case 'get': {
      const range = call.range === null ? '' : ` bytes ${call.range.first}-${call.range.last}`;
      return `get ${call.key}${range}${via}`;
    }
    case 'list':
      return `list ${call.prefix}*${via}`;
    default:
      return `${call.kind} ${call.key}${via}`;
  }
}

function conditionText(condition: NonNullable<Extract<Call, { kind: 'put' }>['condition']>): string {
  return 'ifMatch' in condition ? `it is ${condition.ifMatch}` : 'there is none';
}

/** What came of it: `v17 (200)`, `info (NoAnswer)`. */
export function endText(end: EndEvent | undefined): string {
  if (end === undefined) return 'no end';
  const { type, answer, seen } = end;
  if (seen === null) return `${type} (${answer})`;
  switch (seen.kind) {
    case 'content':
      return `${seen.value ?? 'no value of this run'}${seen.wrong === null ? '' : `, but ${seen.wrong}`} (${answer})`;
    case 'keys':
      return `${seen.keys.length} keys (${answer})`;
    default:
      return `${seen.kind} (${answer})`;
  }
}
