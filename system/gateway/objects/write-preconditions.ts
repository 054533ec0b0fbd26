import type { ObjectVersion, WriteConditions } from './object-ports.ts';
import { Refused } from './refused.ts';

/**
 * What the metadata decides at the moment of the write, ahead of it: whether the conditions hold of the current version.
 * Throws Refused.
 */
export function checkWriteConditions(
  conditions: WriteConditions,
  current: Pick<ObjectVersion, 'etag' | 'lastModified'> | undefined,
): void {
  const { ifMatch, ifNoneMatch, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined && current === undefined) throw new Refused('no-key');
  if (current === undefined) return;
  const isAmong = (tags: readonly string[]) => tags.includes('*') || tags.includes(current.etag);
  const isNewer =
    ifUnmodifiedSince !== undefined &&
    Math.floor(current.lastModified.getTime() / 1000) > Math.floor(ifUnmodifiedSince.getTime() / 1000);
  const holds =
    (ifMatch === undefined || isAmong(ifMatch)) && (ifNoneMatch === undefined || !isAmong(ifNoneMatch)) && !isNewer;
  if (!holds) throw new Refused('precondition-failed');
}
