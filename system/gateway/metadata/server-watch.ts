import { connect, type NetConnectOpts } from 'node:net';
import { type Clock, delay } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import { StoreError } from '../objects/errors.ts';

/** A call that has waited for so long makes the watch ask whether the server is there at all. */
const SUSPICIOUS_AFTER_MS = 300;
/** Generous to a far or busy server. All three together stay below the two seconds after which a client is to know. */
const ANSWER_WITHIN_MS = 1_200;
/** Each question costs the server a process, so a busy one is not asked more often, however many wait. */
const ASK_AGAIN_AFTER_MS = 250;

/**
 * Tells a server that is gone from one that is slow, whichever way it is gone: a name that nobody resolves, packets that nobody
 * answers, processes that are frozen. All of these are silence, and waiting for each connection and each statement to time
 * out takes many seconds. So who waits suspiciously long makes it ask, on a connection of its own, for as little as a server
 * can answer; when neither that nor anything else comes, everybody who waits is refused at once, and so is everybody who comes
 * until it answers again.
 */
export class ServerWatch implements Disposable {
  readonly #server: NetConnectOpts;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting = new Set<(refusal: StoreError) => void>();
  /** Those of them that have waited suspiciously long. */
  readonly #suspicious = new Set<(refusal: StoreError) => void>();
  readonly #end = new AbortController();
  #isAsking = false;
  #isGone = false;
  /** Signs of life on other connections than the watch's own. */
  #signs = 0;

  constructor(server: { readonly host: string; readonly port: number }, clock: Clock, log: Logger) {
    // As libpq has it: a host that is a path is the folder of a socket.
    const { host, port } = server;
    this.#server = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
    this.#clock = clock;
    this.#log = log;
  }

  /** Throws DatabaseUnavailable while the server is known to be gone. */
  refuseWhileGone(): void {
    if (this.#isGone) throw refusal();
  }

  /** What `answer` becomes, or DatabaseUnavailable as soon as the server is known to be gone; then the answer comes to nobody. */
  orGone<T>(answer: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      const suspicion = this.#clock.after(SUSPICIOUS_AFTER_MS, () => {
        this.#suspicious.add(reject);
        void this.#look();
      });
      const settled = () => {
        suspicion.cancel();
        this.#waiting.delete(reject);
        this.#suspicious.delete(reject);
      };
      answer.then(resolve, reject).finally(settled);
    });
  }

  /** The server has answered somebody: it is there, however long it takes over a new connection. */
  heard(): void {
    this.#signs += 1;
    if (this.#isGone) this.#learn(true);
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  /** Asks as long as somebody has reason to doubt, one question at a time. */
  async #look(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { signal } = this.#end;
    while (!signal.aborted && (this.#isGone || this.#suspicious.size > 0)) {
      const signs = this.#signs;
      const isThere = await answers(this.#server, this.#clock);
      this.#learn(isThere || this.#signs > signs);
      await delay(this.#clock, ASK_AGAIN_AFTER_MS, signal).catch(() => {});
    }
    this.#isAsking = false;
  }

  #learn(isThere: boolean): void {
    if (isThere && this.#isGone) this.#log.info('the database answers again');
    if (!isThere && !this.#isGone) this.#log.warn('the database does not answer; calls are refused until it does');
    this.#isGone = !isThere;
    if (isThere) return;
    for (const refuse of this.#waiting) refuse(refusal());
    this.#waiting.clear();
    this.#suspicious.clear();
  }
}

function refusal(): StoreError {
  return new StoreError('DatabaseUnavailable', 'the database does not answer now; try again soon');
}

/** The shortest message that every server and every pooler answers before it knows who asks: may this be encrypted? */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

async function answers(server: NetConnectOpts, clock: Clock): Promise<boolean> {
  const socket = connect(server);
  return await new Promise<boolean>((resolve) => {
    // What has arrived while this process was busy is read before it counts as silence.
    const patience = clock.after(ANSWER_WITHIN_MS, () => setImmediate(settle, false));
    function settle(isThere: boolean): void {
      patience.cancel();
      socket.destroy();
      resolve(isThere);
    }
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', () => settle(true));
    socket.on('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}
