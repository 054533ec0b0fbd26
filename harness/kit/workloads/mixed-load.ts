import { setTimeout as pause } from 'node:timers/promises';
import { RestClient } from '../clients/rest-client.ts';
import { Choices } from '../seed/choices.ts';
import { until } from '../testing/until.ts';
import { Ledger, type LedgerEntry } from './ledger.ts';
import { RecordedClient } from './recorded-client.ts';

export interface MixedLoadOptions {
  /** Each operation goes to one of them. */
  readonly gateways: readonly URL[];
  /** Decides every client's operations, files and sizes. */
  readonly seed: string;
  /** At once. Default 6. */
  readonly clients?: number;
  /** The largest file. Default 4 MiB; most are much smaller. */
  readonly bytesMax?: number;
  /** From here on files are deleted as often as they are stored. Default 200. */
  readonly filesMax?: number;
  /** See RecordedClient. */
  readonly operationDeadlineMs?: number;
}

const KiB = 1024;
const defaults = { clients: 6, bytesMax: 4 * KiB * KiB, filesMax: 200 };
/** Of each hundred operations. */
const share = { upload: 40, download: 40, list: 6 };
/** A client that was refused waits a little; without it a store that is away would be asked thousands of times a second. */
const pauseAfterFailureMs = 100;
/**
 * So many files no delete is ever sent for. A delete that is answered with 503 leaves its file unsure, and through a long
 * outage every acknowledged file would become so: nothing would be left of which to say that it is lost.
 */
const neverDeleted = 20;
const progressWithinMs = 30_000;
/** What was never answered must be kept for the end, so its number has a bound: no more uploads beyond it. */
const unsureMax = 5_000;

/**
 * Clients that upload, read, list and delete seeded files side by side until they are told to stop, whatever the
 * answers are: `await using load = startMixedLoad({...})`, break something, `await load.stop()`, mend it, and
 * `assertKept(await verifyLedger(load.ledger, rest))`.
 */
export function startMixedLoad(options: MixedLoadOptions): MixedLoad {
  return new MixedLoad(options);
}

class MixedLoad implements AsyncDisposable {
  readonly ledger: Ledger;
  readonly #options: Required<Omit<MixedLoadOptions, 'operationDeadlineMs'>> & MixedLoadOptions;
  readonly #rests: readonly RestClient[];
  readonly #ended: Promise<unknown>;
  /** Files that are stored and that no delete has been sent for. */
  readonly #living: LedgerEntry[] = [];
  #unsure = 0;
  #isStopped = false;

  constructor(options: MixedLoadOptions) {
    this.#options = { ...defaults, ...options };
    this.ledger = new Ledger(`load-${options.seed.replaceAll('/', '-')}`);
    this.#rests = options.gateways.map((gateway) => new RestClient(gateway));
    const choices = new Choices(options.seed);
    const clients = Array.from({ length: this.#options.clients }, (_, n) => `client-${n + 1}`);
    this.#ended = Promise.all(clients.map((name) => this.#client(name, choices.fork(name))));
    this.#ended.catch(() => {});
  }

  /** Resolves when `more` further uploads have been acknowledged: the load is really being served. */
  async untilAcknowledged(more = 3, withinMs = progressWithinMs): Promise<void> {
    const wanted = this.ledger.acknowledged + more;
    const what = `${more} more uploads of the load to be acknowledged`;
    await until({ what, withinMs }, () => this.ledger.acknowledged >= wanted);
  }

  /** Lets what runs end, and resolves then. Throws what a client failed with that is no answer of the store. */
  async stop(): Promise<Ledger> {
    this.#isStopped = true;
    try {
      await this.#ended;
    } finally {
      for (const rest of this.#rests) rest.close();
    }
    return this.ledger;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #client(name: string, choices: Choices): Promise<void> {
    const { operationDeadlineMs } = this.#options;
    const deadline = operationDeadlineMs === undefined ? {} : { operationDeadlineMs };
    const through = this.#rests.map((rest) => new RecordedClient(this.ledger, rest, { name, ...deadline }));
    while (!this.#isStopped) {
      const outcome = await this.#one(choices.pick(through), choices);
      if (outcome !== 'ok') await pause(pauseAfterFailureMs);
    }
  }

  async #one(client: RecordedClient, choices: Choices) {
    const what = choices.int(0, 99);
    if (what < share.upload && this.#unsure < unsureMax && this.#living.length < this.#options.filesMax) {
      return this.#upload(client, choices);
    }
    if (what >= share.upload && what < share.upload + share.list) return (await client.list(choices.int(1, 3))).outcome;
    if (this.#living.length === 0) return this.#upload(client, choices);
    const isRead =
      this.#living.length <= neverDeleted ||
      (what >= share.upload && what < share.upload + share.list + share.download);
    if (isRead) return (await client.download(choices.pick(this.#living))).outcome;
    return this.#delete(client, choices);
  }

  async #upload(client: RecordedClient, choices: Choices) {
    const entry = await client.upload(this.ledger.newFile(sizeOf(choices, this.#options.bytesMax)));
    if (entry.state === 'acknowledged') this.#living.push(entry);
    if (entry.state === 'unsure') this.#unsure += 1;
    return entry.upload.outcome;
  }

  /** A deleted file is asked for once more: it must be gone at once, and through any gateway. */
  async #delete(client: RecordedClient, choices: Choices) {
    const [entry] = this.#living.splice(choices.int(0, this.#living.length - 1), 1);
    if (entry === undefined) return 'ok';
    const { outcome } = await client.delete(entry);
    if (outcome === 'info') this.#unsure += 1;
    if (outcome !== 'ok') return outcome;
    const other = new RecordedClient(this.ledger, choices.pick(this.#rests), { name: 'after delete' });
    return (await other.download(entry)).outcome;
  }
}

/** Many small files, some of several units of a stripe, few large ones. */
function sizeOf(choices: Choices, bytesMax: number): number {
  const limit = choices.pick([4 * KiB, 4 * KiB, 64 * KiB, KiB * KiB, bytesMax]);
  return choices.int(1, Math.min(limit, bytesMax));
}
