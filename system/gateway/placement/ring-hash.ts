/**
 * A 53-bit position on the ring for a text, the same on every machine and in every release: changing it
 * would move every chunk. Two 32-bit lanes in the manner of MurmurHash3's mixing steps; not cryptographic.
 */
export function ringHash(text: string): number {
  let low = 0x9e3779b9 ^ text.length;
  let high = 0x85ebca6b ^ text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = rotate(Math.imul(low ^ code, 0xcc9e2d51), 15);
    high = rotate(Math.imul(high ^ code, 0x1b873593), 13);
    low = (low + high) | 0;
  }
  low = avalanche(low ^ rotate(high, 7));
  high = avalanche(high ^ low);
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}

/** Positions are from 0 up to, and without, this. */
export const RING_SIZE = 2 ** 53;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function avalanche(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
