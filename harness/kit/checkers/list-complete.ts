import type { HistoryEvent } from '../history/events.ts';
import { type Operation, operationsOf } from '../history/operations.ts';
import { describe } from './describe.ts';
import { type Register, registersOf } from './register.ts';
import type { Verdict } from './verdict.ts';
import { holding, violated } from './verdict-of.ts';

const checker = 'list-complete';
const filesPrefix = '/files ';

/**
 * A listing has every key that was there all the while, none that was not there at any moment of it, none twice, and to each
 * a value that was current at some moment of it. One of S3 is in order.
 */
export function listComplete(history: readonly HistoryEvent[]): Verdict {
  const operations = operationsOf(history);
  const registers = registersOf(operations);
  const ofFiles = operations.filter(
    ({ call }) => call.via === 'files' && (call.kind === 'put' || call.kind === 'delete'),
  );
  let listings = 0;
  for (const list of operations) {
    if (list.call.kind !== 'list' || list.seen?.kind !== 'keys') continue;
    // Pages of `/files` go by number: while files come and go, one may be shown twice or not at all, and that is no broken promise.
    // One page alone cannot shift; were it not judged, none would be after a write that nobody answered for, which may come at any time.
    const mayShift = list.call.via === 'files' && list.seen.pages !== 1;
    if (mayShift && ofFiles.some((write) => overlap(write, list))) continue;
    listings += 1;
    const found = violationIn(list, list.call.prefix, registers);
    if (found !== null) return violated(checker, `${describe(list)}: ${found.what}`, [...found.shown, list]);
  }
  return holding(checker, `${listings} listings showed what was there`);
}

interface Found {
  readonly what: string;
  readonly shown: readonly Operation[];
}

function violationIn(list: Operation, prefix: string, registers: ReadonlyMap<string, Register>): Found | null {
  if (list.seen?.kind !== 'keys') return null;
  const nameOf = (key: string) => (list.call.via === 's3' ? key : `${filesPrefix}${key}`);
  const listed = new Set<string>();
  let last = '';
  for (const { key, value } of list.seen.keys) {
    const name = nameOf(key);
    if (!key.startsWith(prefix)) return { what: `${key} does not begin with "${prefix}"`, shown: [] };
    if (listed.has(name)) return { what: `${key} is there twice`, shown: [] };
    if (list.call.via === 's3' && isBefore(key, last))
      return { what: `${key} is out of order, behind ${last}`, shown: [] };
    last = key;
    listed.add(name);
    const found = violationOf(list, prefix, value, registers.get(name) ?? null, key);
    if (found !== null) return found;
  }
  for (const [name, register] of registers) {
    if (
      listed.has(name) ||
      !name.startsWith(nameOf(prefix)) ||
      name.startsWith(filesPrefix) !== (list.call.via === 'files')
    )
      continue;
    const presence = register.presenceDuring(list.from, list.to);
    if (presence !== undefined) return { what: `${name} is missing, after ${describe(presence)}`, shown: [presence] };
  }
  return null;
}

function violationOf(
  { from, to, call }: Operation,
  prefix: string,
  value: string | null,
  register: Register | null,
  key: string,
): Found | null {
  // Without a prefix a listing also shows what is not of the run.
  if (register === null) return prefix === '' ? null : { what: `${key} is there, which nobody put`, shown: [] };
  const { isCertain, since } = register.absenceDuring(from, to);
  if (isCertain && since === undefined) return { what: `${key} is there, before anything was put to it`, shown: [] };
  if (isCertain && since !== undefined) return { what: `${key} is there, after ${describe(since)}`, shown: [since] };
  // An upload to `/files` that still runs has no checksum yet.
  if (value === null)
    return call.via === 'files' ? null : { what: `${key} has an ETag of no value of the run`, shown: [] };
  const puts = register.putsOf(value);
  if (!puts.some((put) => put.outcome !== 'fail' && put.seen?.kind !== 'refused' && put.from < to)) {
    return { what: `${key} has the ETag of ${value}, which was not written to it`, shown: puts };
  }
  const replacement = register.replacementOf(value, from);
  if (replacement === undefined) return null;
  return { what: `${key} has the ETag of ${value}, after ${describe(replacement)}`, shown: [...puts, replacement] };
}

/** In the order of S3, that of the bytes of UTF-8. */
function isBefore(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) < 0;
}

function overlap(a: Operation, b: Operation): boolean {
  return a.from < b.to && b.from < a.to;
}
