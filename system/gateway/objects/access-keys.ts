import type { Random } from '../../common/random.ts';
import type { AccessKey, Account, Accounts, KeyPair } from './account-ports.ts';
import { StoreError } from './errors.ts';

export interface NewKey {
  /** Of an account that there is, or of one that is made; undefined for a new id. */
  readonly accountId: string | undefined;
  /** Undefined keeps what the account has. */
  readonly displayName: string | undefined;
  readonly email: string | undefined;
}

/** What an operator does with accounts and their keys. Secrets are told once: to who made them. */
export class AccessKeys {
  readonly #accounts: Accounts;
  readonly #random: Random;

  constructor(accounts: Accounts, random: Random) {
    this.#accounts = accounts;
    this.#random = random;
  }

  list(): Promise<readonly AccessKey[]> {
    return this.#accounts.accessKeys();
  }

  /** Makes a key, and its account when there is none of that id. */
  async create({ accountId = newAccountId(this.#random), displayName, email }: NewKey): Promise<Account & KeyPair> {
    const known = (await this.#accounts.accessKeys()).find(({ account }) => account.accountId === accountId)?.account;
    const account = {
      accountId,
      displayName: displayName ?? known?.displayName ?? accountId,
      email: email ?? known?.email ?? null,
    };
    return this.#add(account);
  }

  /** Throws AccessKeyNotFound. */
  async disable(accessKey: string): Promise<void> {
    if (!(await this.#accounts.setKeyEnabled(accessKey, false))) throw keyNotFound();
  }

  /** Gives the account of a key a new one, and disables the old one once that is there. Throws AccessKeyNotFound. */
  async rotate(accessKey: string): Promise<Account & KeyPair> {
    const old = await this.#accounts.accessKey(accessKey);
    if (old === undefined) throw keyNotFound();
    const made = await this.#add(old.account);
    await this.disable(accessKey);
    return made;
  }

  async #add(account: Account): Promise<Account & KeyPair> {
    const key = newKeyPair(this.#random);
    await this.#accounts.putAccounts([{ ...account, keys: [key] }]);
    return { ...account, ...key };
  }
}

/** In the form of AWS's. Without `/` and `+`, which some clients send wrongly. */
export function newKeyPair(random: Random): KeyPair {
  const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const any = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return { accessKey: `SX${pick(random, capitals, 18)}`, secretKey: pick(random, any, 40) };
}

function newAccountId(random: Random): string {
  return pick(random, '0123456789', 12);
}

function pick(random: Random, from: string, length: number): string {
  return Array.from({ length }, () => from.charAt(random.below(from.length))).join('');
}

function keyNotFound(): StoreError {
  return new StoreError('AccessKeyNotFound', 'there is no such access key');
}
