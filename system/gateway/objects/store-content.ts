import type { ObjectsDeps } from './objects.ts';
import type { Commit } from './ports.ts';
import { storeFile } from './write-file.ts';

/**
 * Stores the content of an object or of a part as a file that has no name and that REST does not show. `commit` makes it the
 * content of something, in the same step in which it becomes a file; undefined from it: the upload session is over.
 */
export function storeContent<Made>(
  deps: ObjectsDeps,
  content: { readonly bytes: AsyncIterable<Buffer>; readonly declaredBytes: number },
  commit: (written: Commit) => Promise<Made | undefined>,
  signal: AbortSignal,
): Promise<Made> {
  const file = { filename: '', contentType: '', declaredBytes: content.declaredBytes };
  return storeFile(deps, file, content.bytes, signal, {
    isObject: true,
    observe: () => undefined,
    commit: (written) => commit({ ...written, sha256: null }),
  });
}
