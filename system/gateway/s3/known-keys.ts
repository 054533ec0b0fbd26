import type { Clock } from '../../common/clock.ts';
import type { AccessKey, Accounts } from '../objects/account-ports.ts';

/** A key that was disabled may be used for this long at a gateway that has just seen it. */
const KEPT_MS = 1_000;
const KEYS_MAX = 10_000;

/** Access keys that were looked up a moment ago, so that a busy client costs one look a second. Unknown ones too. */
export class KnownKeys {
  readonly #accounts: Pick<Accounts, 'accessKey'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly untilMs: number; readonly key: Promise<AccessKey | undefined> }>();

  constructor(accounts: Pick<Accounts, 'accessKey'>, clock: Clock) {
    this.#accounts = accounts;
    this.#clock = clock;
  }

  async find(accessKey: string): Promise<AccessKey | undefined> {
    // No key has one, and the metadata cannot be asked for it.
    if (accessKey.includes('\0')) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const known = this.#known.get(accessKey);
    if (known !== undefined && known.untilMs > nowMs) return known.key;
    if (this.#known.size >= KEYS_MAX) this.#known.clear();
    const key = this.#accounts.accessKey(accessKey);
    this.#known.set(accessKey, { untilMs: nowMs + KEPT_MS, key });
    // A failure is nothing to be remembered.
    key.catch(() => this.#known.delete(accessKey));
    return key;
  }
}
