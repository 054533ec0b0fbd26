import type { Call } from '../../history/events.ts';
import { pickSize } from './pick-size.ts';
import type { User } from './user.ts';

/** Of a hundred; the rest are deletes. */
const share = { put: 40, get: 40, head: 8 };
/** So many get no delete planned, or nothing would be left at the end of which to say that it is lost. */
const neverDeleted = 5;
const readDeletedPerCent = 10;

/** Whoever stored a file, any client reads and deletes it. A file is deleted once: the second delete would only be refused. */
export function files({ choices, options, run }: User): Call[] {
  const { livingFiles, deletedFiles } = run;
  const what = choices.int(0, 99);
  if (what < share.put || livingFiles.length === 0) {
    const key = run.newFile();
    livingFiles.push(key);
    const bytes = pickSize(choices, options.bytesMax);
    return [{ via: 'files', kind: 'put', key, value: run.newValue(), bytes, parts: 1, condition: null }];
  }
  if (what >= share.put + share.get + share.head && livingFiles.length > neverDeleted) {
    const [key] = livingFiles.splice(choices.int(neverDeleted, livingFiles.length - 1), 1);
    if (key === undefined) throw new Error('no file is left to delete');
    deletedFiles.push(key);
    // Read before and after, so that a gateway which remembers it is asked again.
    return [read(key), { via: 'files', kind: 'delete', key }, read(key)];
  }
  const isOfDeleted = deletedFiles.length > 0 && choices.chance(readDeletedPerCent);
  const key = choices.pick(isOfDeleted ? deletedFiles : livingFiles);
  if (what >= share.put + share.get) return [{ via: 'files', kind: 'head', key }];
  return [read(key)];
}

function read(key: string): Call {
  return { via: 'files', kind: 'get', key, range: null };
}
