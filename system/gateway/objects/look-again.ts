import { StoreError } from './errors.ts';
import type { FoundObject } from './find-object.ts';

/** Each look may be overtaken by a writer, but hardly so often one after the other. */
const LOOKS = 4;

/** What was found is not there any more. */
export const overtaken = Symbol('overtaken');

/**
 * Looks a version up and has `use` do something with it, and looks again when a writer came between: `use` gives `overtaken`, or
 * finds no bytes. Throws what both throw, Overloaded after some looks, and DataUnavailable when the version is still the same, for
 * then it is its replicas that are not there.
 */
export async function lookAgain<Done>(
  look: () => Promise<FoundObject>,
  use: (found: FoundObject) => Promise<Done | typeof overtaken>,
): Promise<Done> {
  let missing: { readonly versionUid: string; readonly error: unknown } | undefined;
  for (let looks = 1; looks <= LOOKS; looks++) {
    const found = await look();
    const versionUid = found.version?.versionUid;
    if (missing !== undefined && missing.versionUid === versionUid) throw unavailable(missing.error);
    try {
      const done = await use(found);
      if (done !== overtaken) return done;
    } catch (error) {
      if (versionUid === undefined || !isGone(error)) throw error;
      missing = { versionUid, error };
    }
  }
  throw new StoreError('Overloaded', 'the object is replaced faster than it can be read', missing?.error);
}

function isGone(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 'FileNotFound' || error.code === 'DataUnavailable');
}

function unavailable(error: unknown): StoreError {
  if (error instanceof StoreError && error.code === 'DataUnavailable') return error;
  return new StoreError('DataUnavailable', 'the data cannot be read now', error);
}
