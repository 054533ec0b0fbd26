import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The signature of a string, in hexadecimal. */
export function sign(key: KeyObject, stringToSign: string): string {
  return createHmac('sha256', key).update(stringToSign, 'latin1').digest('hex');
}

/** Takes the same time wherever the two differ, so that no one guesses a signature byte by byte. */
export function isSameSignature(expected: string, given: string): boolean {
  if (given.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(expected, 'latin1'), Buffer.from(given.toLowerCase(), 'latin1'));
}
