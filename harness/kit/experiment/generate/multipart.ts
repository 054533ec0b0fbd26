import type { Call } from '../../history/events.ts';
import { pickParts, type SizeInParts } from './pick-size.ts';
import { get, keyIn, type User } from './user.ts';

/** Smaller ones would leave no room for ranges that begin deep in a part. */
const plainBytesMin = 2 * 1024 * 1024;
/** Of a hundred; the rest are gets. */
const share = { inParts: 30, plain: 15, delete: 5 };

export function multipart(user: User): Call[] {
  const { choices, options } = user;
  const key = keyIn('multipart', user);
  const what = choices.int(0, 99);
  if (what < share.inParts) return [putOf(user, key, pickParts(choices, options.bytesMax))];
  if (what < share.inParts + share.plain) {
    return [putOf(user, key, { bytes: choices.int(plainBytesMin, options.bytesMax), parts: 1 })];
  }
  if (what < share.inParts + share.plain + share.delete) return [{ via: 's3', kind: 'delete', key }];
  return [get(key)];
}

function putOf({ choices, options, run }: User, key: string, size: SizeInParts): Call {
  const condition = choices.chance(options.conditionalPerCent) ? ({ ifNoneMatch: '*' } as const) : null;
  return { via: 's3', kind: 'put', key, value: run.newValue(), ...size, condition };
}
