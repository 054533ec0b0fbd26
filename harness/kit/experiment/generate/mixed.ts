import type { Call } from '../../history/events.ts';
import { files } from './files.ts';
import { largeObjects } from './large-objects.ts';
import { multipart } from './multipart.ts';
import { fitsInParts } from './pick-size.ts';
import { registers } from './registers.ts';
import { sets } from './sets.ts';
import type { User } from './user.ts';

/** Of a hundred; the rest are of registers. What is large comes seldom, or there would be time for nothing else. */
const share = { sets: 25, files: 25, multipart: 4, large: 2 };

export function mixed(user: User): Call[] {
  let what = user.choices.int(0, 99);
  if (what < share.sets) return sets(user);
  what -= share.sets;
  if (what < share.files) return files(user);
  what -= share.files;
  if (what < share.multipart && fitsInParts(user.options.bytesMax)) return multipart(user);
  what -= share.multipart;
  return what >= 0 && what < share.large ? largeObjects(user) : registers(user);
}
