import { readFile, rm, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unlessAbsent } from '../../tools/unless-absent.ts';
import type { JournalLine } from '../preload/journal.ts';

/** Paths of files. One whose name is lost is not in `bytes`. */
export interface Unflushed {
  readonly bytes: readonly string[];
  readonly names: readonly string[];
}

interface Standing {
  readonly hasName: boolean;
  readonly hasBytes: boolean;
}

/** What is not on the disk after these lines of a journal. A last line that was not written to its end is left out. */
export function unflushedAfter(journal: string): Unflushed {
  const files = new Map<string, Standing>();
  for (const line of journal.split('\n').slice(0, -1)) take(JSON.parse(line), files);
  const those = (isLost: (file: Standing) => boolean) =>
    [...files].filter(([, file]) => isLost(file)).map(([path]) => path);
  return {
    bytes: those(({ hasName, hasBytes }) => hasName && !hasBytes),
    names: those(({ hasName }) => !hasName),
  };
}

function take(line: JournalLine, files: Map<string, Standing>): void {
  switch (line.did) {
    case 'write':
      files.set(line.path, { hasName: files.get(line.path)?.hasName ?? false, hasBytes: false });
      return;
    case 'sync':
      for (const [path, file] of files) {
        if (path === line.path) files.set(path, { ...file, hasBytes: true });
        if (dirname(path) === line.path) files.set(path, { ...file, hasName: true });
      }
      return;
    case 'name': {
      const file = files.get(line.path);
      if (file !== undefined) files.set(line.path, { ...file, hasName: false });
      return;
    }
    case 'unlink':
      files.delete(line.path);
      return;
    case 'rename':
    case 'link': {
      const hasBytes = files.get(line.from)?.hasBytes ?? true;
      if (line.did === 'rename') files.delete(line.from);
      files.set(line.to, { hasName: false, hasBytes });
    }
  }
}

/**
 * Takes from the disk of a node that does not run what its journal says was not flushed: bytes that were not flushed are gone, and
 * a file whose name was not. Gives the number of files; null when the node has kept no journal.
 */
export async function loseUnflushed(journalFile: string): Promise<number | null> {
  const journal = await readFile(journalFile, 'utf8').catch(unlessAbsent);
  if (journal === undefined) return null;
  const { bytes, names } = unflushedAfter(journal);
  for (const path of names) await rm(path, { force: true });
  // A file may have been removed by a call that did not come to be noted.
  for (const path of bytes) await truncate(path, 0).catch(unlessAbsent);
  await rm(journalFile);
  return bytes.length + names.length;
}
