import type { ByteRange } from './byte-range.ts';
import { StoreError } from './errors.ts';
import { type FoundObject, findObject } from './find-object.ts';
import type { KeyTarget } from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import type { OpenFile } from './read-file.ts';
import { openObject } from './read-object.ts';

/** A look and the opening of what it found; each may be overtaken by a writer, but hardly so often one after the other. */
const ATTEMPTS = 4;

/** What is to be sent of a version: a range, or no bytes at all. */
export interface ReadPlan<Head> {
  readonly head: Head;
  readonly range: ByteRange | undefined;
}

/**
 * Looks a version up, has `plan` decide what to send of it, and opens that: resolves when the first bytes are there. A
 * version that is replaced or deleted between the two is looked up, and planned, again. Throws Refused, what `plan`
 * throws, and StoreError DataUnavailable or DataDamaged.
 */
export async function getObject<Head>(
  deps: ObjectsDeps,
  target: KeyTarget,
  versionId: string | undefined,
  plan: (found: FoundObject) => ReadPlan<Head> | Promise<ReadPlan<Head>>,
  signal: AbortSignal,
): Promise<{ readonly head: Head; readonly bytes: OpenFile | undefined }> {
  let missing: { versionUid: string; error: unknown } | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await findObject(deps.metadata, target, versionId, 'content');
    const { version, content } = found;
    if (missing !== undefined && missing.versionUid === version?.versionUid) throw unavailable(missing.error);
    const { head, range } = await plan(found);
    if (range === undefined || version === undefined || content === undefined) return { head, bytes: undefined };
    try {
      return { head, bytes: await openObject(deps, version, content, range, signal) };
    } catch (error) {
      if (!isGone(error)) throw error;
      missing = { versionUid: version.versionUid, error };
    }
  }
  throw unavailable(missing?.error);
}

/** The bytes of what was looked up are not there: perhaps the version is not there any more. */
export function isGone(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 'FileNotFound' || error.code === 'DataUnavailable');
}

/** The version is still there, so it is its replicas that are not. */
export function unavailable(error: unknown): StoreError {
  if (error instanceof StoreError && error.code === 'DataUnavailable') return error;
  return new StoreError('DataUnavailable', 'the data cannot be read now', error);
}
