import type { ByteRange } from './byte-range.ts';
import { type FoundObject, findObject } from './find-object.ts';
import { lookAgain } from './look-again.ts';
import type { KeyTarget } from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import type { OpenFile } from './read-file.ts';
import { openObject } from './read-object.ts';

/** What is to be sent of a version: a range, or no bytes at all. */
export interface ReadPlan<Head> {
  readonly head: Head;
  readonly range: ByteRange | undefined;
}

/**
 * Looks a version up, has `plan` decide what to send of it, and opens that: resolves when the first bytes are there. A
 * version that is replaced or deleted between the two is looked up, and planned, again. Throws Refused, what `plan`
 * throws, and StoreError DataUnavailable, DataDamaged or Overloaded.
 */
export async function getObject<Head>(
  deps: ObjectsDeps,
  target: KeyTarget,
  versionId: string | undefined,
  plan: (found: FoundObject) => ReadPlan<Head> | Promise<ReadPlan<Head>>,
  signal: AbortSignal,
): Promise<{ readonly head: Head; readonly bytes: OpenFile | undefined }> {
  const look = () => findObject(deps.metadata, target, versionId, 'content');
  return lookAgain(look, async (found) => {
    const { version, content } = found;
    const { head, range } = await plan(found);
    if (range === undefined || version === undefined || content === undefined) return { head, bytes: undefined };
    return { head, bytes: await openObject(deps, version, content, range, signal) };
  });
}
