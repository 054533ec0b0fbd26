import type { HistoryEvent, ListedVersion } from '../history/events.ts';
import { type Operation, operationsOf } from '../history/operations.ts';
import { describe, describeSeen } from './describe.ts';
import { versionTold } from './monotonic-versions.ts';
import { mayHavePut } from './register.ts';
import type { Verdict } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'versions-kept';

/**
 * In a bucket that has versions, every write that was acknowledged is there at the end, whole, under the id that it was given, however
 * often its key was written after it; and nothing is there that was not written, or twice.
 */
export function versionsKept(history: readonly HistoryEvent[]): Verdict {
  const writes = operationsOf(history).filter(
    ({ call }) => call.via === 's3' && (call.kind === 'put' || call.kind === 'delete'),
  );
  const last = history.findLast((event) => event.type === 'versions');
  if (last === undefined) {
    const isVersioned = writes.some((write) => versionTold(write) !== null);
    if (isVersioned) return undecided(checker, 'the versions were not read at the end');
    return holding(checker, 'the bucket keeps no versions');
  }
  const found = lost(writes, last.versions) ?? foreign(writes, last.versions);
  if (found !== null) return violated(checker, found.because, found.shown);
  return holding(checker, `${last.versions.length} versions are those that were written, each whole`);
}

interface Found {
  readonly because: string;
  readonly shown: readonly Operation[];
}

function lost(writes: readonly Operation[], versions: readonly ListedVersion[]): Found | null {
  const byId = new Map(versions.map((one) => [idOf(one.key, one.version), one]));
  for (const write of writes) {
    const version = versionTold(write);
    if (version === null) continue;
    const listed = byId.get(idOf(keyOf(write), version));
    const what = `version ${version} of ${describe(write)}`;
    if (listed === undefined) return { because: `${what} is not there at the end`, shown: [write] };
    const { content } = listed;
    const isSo =
      write.call.kind === 'put' ? content?.wrong === null && content.value === write.call.value : content === null;
    if (!isSo) return { because: `${what} is ${inWords(content)} at the end`, shown: [write] };
  }
  return null;
}

/** What is listed and is not one of the writes that may have happened. */
function foreign(writes: readonly Operation[], versions: readonly ListedVersion[]): Found | null {
  const told = new Set(writes.map((write) => idOf(keyOf(write), versionTold(write))));
  const puts = new Map(
    writes.flatMap((write) => (write.call.kind === 'put' ? [[write.call.value, write] as const] : [])),
  );
  const before = new Map<string, ListedVersion>();
  const markers = new Map<string, number>();
  for (const one of versions) {
    const { key, version, content } = one;
    if (content === null) {
      if (!told.has(idOf(key, version))) markers.set(key, (markers.get(key) ?? 0) + 1);
      continue;
    }
    const value = content.wrong === null ? content.value : null;
    const put = value === null ? undefined : puts.get(value);
    const what = `version ${version} of ${key} is ${inWords(content)}`;
    if (value === null || put === undefined) return { because: what, shown: [] };
    if (keyOf(put) !== key) return { because: `${what}, of another key`, shown: [put] };
    if (!mayHavePut(put)) return { because: `${what}, though ${describe(put)}`, shown: [put] };
    const other = before.get(value);
    if (other !== undefined)
      return { because: `${what}, and so is version ${other.version}: ${describe(put)}`, shown: [put] };
    before.set(value, one);
  }
  for (const [key, count] of markers) {
    const unsure = writes.filter((one) => one.call.kind === 'delete' && keyOf(one) === key && !Number.isFinite(one.to));
    if (count > unsure.length) {
      const because = `${key} has ${count} delete markers of no acknowledged delete, and ${unsure.length} deletes had no answer`;
      return { because, shown: unsure };
    }
  }
  return null;
}

function keyOf({ call }: Operation): string {
  return call.kind === 'list' ? '' : call.key;
}

function idOf(key: string, version: string | null): string {
  return JSON.stringify([key, version]);
}

function inWords(content: ListedVersion['content']): string {
  return content === null ? 'a delete marker' : describeSeen(content);
}
