import type { Call } from '../../history/events.ts';
import { pickSize } from './pick-size.ts';
import { get, keyIn, type User } from './user.ts';

/** Of a hundred; the rest are gets. */
const share = { put: 45, delete: 25, list: 20 };
/** A list is about names: large values would only slow it down. */
const bytesMax = 64 * 1024;

export function sets(user: User): Call[] {
  const { choices, options, run } = user;
  const key = keyIn('sets', user);
  const what = choices.int(0, 99);
  if (what < share.put) {
    const bytes = pickSize(choices, Math.min(bytesMax, options.bytesMax));
    return [{ via: 's3', kind: 'put', key, value: run.newValue(), bytes, parts: 1, condition: null }];
  }
  if (what < share.put + share.delete) return [{ via: 's3', kind: 'delete', key }];
  if (what >= share.put + share.delete + share.list) return [get(key)];
  const prefix = choices.chance(70) ? 'sets/' : `sets/${choices.int(1, 9)}`;
  return [{ via: 's3', kind: 'list', prefix }];
}
