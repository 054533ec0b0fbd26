import type { Call, Condition } from '../../history/events.ts';
import { pickSize } from './pick-size.ts';
import { get, keyIn, type User } from './user.ts';

/** Of a hundred; the rest are deletes. */
const share = { put: 40, get: 40, head: 8 };

export function registers(user: User): Call[] {
  const key = keyIn('registers', user);
  const what = user.choices.int(0, 99);
  if (what < share.put) return put(user, key);
  if (what < share.put + share.get) return [get(key)];
  if (what < share.put + share.get + share.head) return [{ via: 's3', kind: 'head', key }];
  return [{ via: 's3', kind: 'delete', key }];
}

function put(user: User, key: string): Call[] {
  const { choices, options } = user;
  if (!choices.chance(options.conditionalPerCent)) return [putOf(user, key, null)];
  if (choices.chance(50)) return [putOf(user, key, { ifNoneMatch: '*' })];
  // Compare and swap: what was read is to be replaced.
  return [get(key), putOf(user, key, { ifMatch: 'last seen' })];
}

function putOf({ choices, options, run }: User, key: string, condition: Condition | null): Call {
  const bytes = pickSize(choices, options.bytesMax);
  return { via: 's3', kind: 'put', key, value: run.newValue(), bytes, parts: 1, condition };
}
