import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, sep } from 'node:path';
import { trackOpenFiles } from './open-files.ts';

type Callback = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;
type CallbackStyle = (...args: unknown[]) => void;

/**
 * One line: what a node did in its data folder. `sync` of a file brings its bytes to the disk, of a folder the names in it; `name`
 * takes back that it did so for one of them, which came while it was under way.
 */
export type JournalLine =
  | { readonly did: 'write' | 'sync' | 'unlink' | 'name'; readonly path: string }
  | { readonly did: 'rename' | 'link'; readonly from: string; readonly to: string };

/** Names the journal. */
export const journalVariable = 'HARNESS_JOURNAL_FILE';

/**
 * Writes down what would be lost if the power were cut now, for whoever cuts it: kill -9 leaves the page cache of the system as it
 * is. A write is noted before it is done, a flush and a name when they are done: what is acknowledged is noted by then. A flush
 * keeps what was there when it began: what comes meanwhile is another one's. Only those functions of node:fs are seen that a
 * node uses.
 */
export function keepJournal(dataDir: string, file: string): void {
  const isWatched = (path: unknown) => typeof path === 'string' && `${path}${sep}`.startsWith(dataDir + sep);
  fs.mkdirSync(dirname(file), { recursive: true });
  const journal = fs.openSync(file, 'a');
  const note = (line: JournalLine) => fs.writeSync(journal, `${JSON.stringify(line)}\n`);
  const paths = trackOpenFiles(isWatched);
  /** Noted as written, and no flush has begun since. */
  const written = new Set<string>();
  const noteWrite = (path: string) => {
    if (written.has(path)) return;
    written.add(path);
    note({ did: 'write', path });
  };
  const names = new NamesMeanwhile();

  const { write } = fs as unknown as { write: CallbackStyle };
  Reflect.set(fs, 'write', (...args: unknown[]) => {
    const path = paths.get(args[0]);
    if (path !== undefined) noteWrite(path);
    write(...args);
  });
  for (const name of ['fdatasync', 'fsync']) {
    const real = Reflect.get(fs, name) as CallbackStyle;
    Reflect.set(fs, name, (fd: unknown, done: Callback) => {
      const path = paths.get(fd);
      if (path === undefined) return real(fd, done);
      written.delete(path);
      const flush = names.flushing(path);
      real(fd, (error: NodeJS.ErrnoException | null) => {
        const wasWrittenMeanwhile = written.delete(path);
        const notKept = names.flushed(flush, error === null);
        if (error === null) {
          note({ did: 'sync', path });
          for (const name of notKept) note({ did: 'name', path: name });
        }
        if (wasWrittenMeanwhile) noteWrite(path);
        done(error);
      });
    });
  }
  const { rename, link, unlink } = fs.promises;
  for (const [did, real] of [['rename', rename] as const, ['link', link] as const]) {
    Reflect.set(fs.promises, did, async (from: string, to: string) => {
      await real(from, to);
      if (!isWatched(to)) return;
      note({ did, from, to });
      names.came(to);
    });
  }
  Reflect.set(fs.promises, 'unlink', async (path: string) => {
    await unlink(path);
    if (isWatched(path)) note({ did: 'unlink', path });
  });
  syncBuiltinESMExports();
}

interface Flush {
  readonly folder: string;
  readonly began: number;
  /** Names that came to the folder while it was under way, and when. */
  readonly meanwhile: Map<string, number>;
}

/** Which names a flush of their folder has not kept, because they came after it began. Several may be under way at once. */
class NamesMeanwhile {
  #moment = 0;
  readonly #underWay = new Set<Flush>();
  /** By folder, when the latest flush began that has succeeded; only while another one of it is under way. */
  readonly #kept = new Map<string, number>();

  came(path: string): void {
    const moment = ++this.#moment;
    for (const { folder, meanwhile } of this.#underWay) if (folder === dirname(path)) meanwhile.set(path, moment);
  }

  flushing(folder: string): Flush {
    const flush = { folder, began: ++this.#moment, meanwhile: new Map<string, number>() };
    this.#underWay.add(flush);
    return flush;
  }

  /** Gives the names that neither this flush has kept nor one that began later and has ended before. */
  flushed(flush: Flush, hasSucceeded: boolean): string[] {
    const { folder, began, meanwhile } = flush;
    this.#underWay.delete(flush);
    const kept = Math.max(this.#kept.get(folder) ?? 0, hasSucceeded ? began : 0);
    const isLast = [...this.#underWay].every((other) => other.folder !== folder);
    if (isLast) this.#kept.delete(folder);
    else this.#kept.set(folder, kept);
    return [...meanwhile].filter(([, moment]) => moment > kept).map(([path]) => path);
  }
}
