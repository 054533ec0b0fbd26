import type { Call } from '../../history/events.ts';
import { get, keyIn, type User } from './user.ts';

const keysMax = 4;
/** Of a hundred; the rest are gets. */
const share = { put: 35, delete: 5 };

export function largeObjects(user: User): Call[] {
  const { choices, options, run } = user;
  const key = keyIn('large', user, Math.min(keysMax, options.keys));
  const what = choices.int(0, 99);
  if (what < share.put) {
    const bytes = choices.int(Math.ceil(options.bytesMax / 3), options.bytesMax);
    return [{ via: 's3', kind: 'put', key, value: run.newValue(), bytes, parts: 1, condition: null }];
  }
  return what < share.put + share.delete ? [{ via: 's3', kind: 'delete', key }] : [get(key)];
}
