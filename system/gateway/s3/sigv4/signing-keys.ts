import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Credential } from './credential.ts';

/**
 * Derives the key of a day, a region and a secret, and keeps the latest ones: the four HMACs of a derivation cost
 * more than all the rest of checking a small request.
 */
export class SigningKeys {
  readonly #keysMax: number;
  readonly #keys = new Map<string, KeyObject>();

  constructor(keysMax: number) {
    this.#keysMax = keysMax;
  }

  get({ date, region }: Credential, secretKey: string): KeyObject {
    const name = `${date}/${region}/${secretKey}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const derived = deriveKey(secretKey, date, region);
    // The oldest goes first: keys of yesterday are never asked for again.
    const oldest = this.#keys.size < this.#keysMax ? undefined : this.#keys.keys().next().value;
    if (oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(name, derived);
    return derived;
  }
}

function deriveKey(secretKey: string, date: string, region: string): KeyObject {
  let key: Buffer = Buffer.from(`AWS4${secretKey}`);
  for (const part of [date, region, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  // A key object is prepared once; from a buffer, Node prepares it anew for every HMAC, at seven times the cost.
  return createSecretKey(key);
}
