import { Client, DatabaseError, Pool, type PoolClient, type QueryResultRow } from 'pg';
import { type Clock, delay } from '../../common/clock.ts';
import { deadline } from '../../common/deadline.ts';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import { StoreError } from '../objects/errors.ts';
import { parseValue } from './column-values.ts';
import { keepWarm } from './keep-warm.ts';
import { ServerWatch } from './server-watch.ts';
import { classifySqlFailure, type SqlFailure } from './sql-failure.ts';

export interface PostgresConfig {
  readonly url: string;
  /** Connections that stay open while nothing happens, and at most while everything does. */
  readonly poolMin: number;
  readonly poolMax: number;
  /** The server gives a statement up after this; the client, in case the server is silent, a little later. */
  readonly statementTimeoutMs: number;
  /** To connect, and to wait for a free connection. */
  readonly connectTimeoutMs: number;
  /** Default true. False for a PgBouncer before 1.21 in transaction mode, at about half the speed. */
  readonly prepareStatements?: boolean;
  /** Connections above the minimum are closed when nobody has used them for this long. Default 30 s. */
  readonly idleTimeoutMs?: number;
}

export interface DatabaseDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told how long each statement took from being sent to being answered. */
  readonly observe?: (operation: string, durationMs: number, ok: boolean) => void;
}

/** When a statement may be sent again. What surely did nothing is repeated under every policy. */
export interface RepeatPolicy {
  /** Sending it twice has the effect of sending it once, so it is repeated also after a lost answer. */
  readonly idempotent: boolean;
  readonly repeats: number;
  /** No repetition starts later than this after the call began. */
  readonly withinMs: number;
  readonly firstPauseMs: number;
}

/** Short: a caller whose database is away is told at once, and comes back later. */
export const idempotent: RepeatPolicy = { idempotent: true, repeats: 2, withinMs: 3_000, firstPauseMs: 20 };
export const notIdempotent: RepeatPolicy = { ...idempotent, idempotent: false };
/** A whole upload hangs on it: it outlasts a restart of the database, and asks again after one statement that fell silent. */
export const stubborn: RepeatPolicy = { idempotent: true, repeats: 12, withinMs: 8_000, firstPauseMs: 50 };

/** Statements over a bounded pool. It outlives the database: when that comes back, the next call connects anew. */
export class Database implements AsyncDisposable {
  readonly deps: DatabaseDeps;
  readonly #pool: Pool;
  readonly #warm: Disposable;
  readonly #watch: ServerWatch;
  readonly #open = new Set<PoolClient>();
  readonly #prepares: boolean;
  /** Bounded: texts are constants of this program. */
  readonly #names = new Map<string, string>();

  constructor(config: PostgresConfig, deps: DatabaseDeps) {
    this.deps = deps;
    this.#prepares = config.prepareStatements ?? true;
    this.#pool = new Pool({
      connectionString: config.url,
      application_name: 'sextant-gateway',
      min: config.poolMin,
      max: config.poolMax,
      idleTimeoutMillis: config.idleTimeoutMs ?? IDLE_TIMEOUT_MS,
      connectionTimeoutMillis: config.connectTimeoutMs,
      statement_timeout: config.statementTimeoutMs,
      query_timeout: config.statementTimeoutMs + CLIENT_PATIENCE_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: { getTypeParser: parseValue },
    });
    // An idle connection that breaks is dropped by the pool; without a listener it would end the process.
    this.#pool.on('error', (error) => deps.log.warn({ err: error }, 'an idle database connection broke'));
    // A client that never connects: it knows where the URL leads.
    this.#watch = new ServerWatch(new Client(config.url), deps.clock, deps.log);
    this.#pool.on('connect', (client) => {
      // The pool listens to idle connections only. One that breaks in somebody's hands rejects his statement with the same
      // error, or his next one; without a listener for all its life, it would end the process.
      client.on('error', ignore);
      this.#open.add(client);
      this.#watch.heard();
    });
    this.#pool.on('remove', (client) => void this.#open.delete(client));
    this.#warm = keepWarm(this.#pool, config.poolMin, deps.clock);
  }

  get figures(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    return { total: this.#pool.totalCount, idle: this.#pool.idleCount, waiting: this.#pool.waitingCount };
  }

  /** The rows of one statement. Throws StoreError: DatabaseUnavailable, Overloaded; OutcomeUnknown if `stubborn`. */
  query<Row extends QueryResultRow>(
    operation: string,
    text: string,
    values: readonly unknown[],
    policy: RepeatPolicy,
  ): Promise<Row[]> {
    return this.#onConnection(policy, (client) => this.#timed<Row>(client, operation, text, values));
  }

  /** Runs `work` between BEGIN and COMMIT on one connection. */
  transaction<T>(operation: string, policy: RepeatPolicy, work: (query: TransactionQuery) => Promise<T>): Promise<T> {
    return this.#onConnection(policy, async (client) => {
      await client.query('BEGIN');
      const result = await work((text, values) => this.#timed(client, operation, text, values));
      await client.query('COMMIT');
      return result;
    });
  }

  /** A connection for the caller alone, who must release it. Throws what pg throws, and StoreError. */
  async connect(policy: RepeatPolicy = idempotent): Promise<PoolClient> {
    if (policy !== stubborn) this.#watch.refuseWhileGone();
    if (this.#pool.waitingCount >= WAITING_MAX) {
      throw new StoreError('Overloaded', 'too many requests are waiting for the database; try again soon');
    }
    return this.#pool.connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    this.#warm[Symbol.dispose]();
    const ended = this.#pool.end();
    const { clock } = this.deps;
    // Jobs end before the database is closed. What is still checked out after this is cut off.
    using patience = deadline(clock, CLOSE_PATIENCE_MS, 'closing the database connections');
    const cutOff = new Promise<void>((done) => patience.signal.addEventListener('abort', () => done(), { once: true }));
    await Promise.race([ended, cutOff]);
    for (const client of this.#open) void client.end().catch(() => {});
  }

  /** Whoever is not stubborn is told as soon as the server is known to be gone; the connection that he waited on is closed. */
  #onConnection<T>(policy: RepeatPolicy, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const orGone = <V>(answer: Promise<V>) => (policy === stubborn ? answer : this.#watch.orGone(answer));
    return this.repeating(policy, async (sent) => {
      const connecting = this.connect(policy);
      const client = await orGone(connecting).catch((error) => {
        connecting.then((late) => late.release(), ignore);
        throw error;
      });
      return release(client, () => {
        sent();
        return orGone(work(client));
      });
    });
  }

  async #timed<Row extends QueryResultRow>(
    client: PoolClient,
    operation: string,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const startedMs = this.deps.clock.monotonicMs();
    let ok = false;
    try {
      const name = this.#nameOf(operation, text);
      const { rows } = await client.query<Row>({ text, values: [...values], ...(name === undefined ? {} : { name }) });
      ok = true;
      this.#watch.heard();
      return rows;
    } catch (error) {
      if (error instanceof DatabaseError) this.#watch.heard();
      throw error;
    } finally {
      this.deps.observe?.(operation, this.deps.clock.monotonicMs() - startedMs, ok);
    }
  }

  /** A named statement is parsed and planned once on a connection, not at every call. Each text has one name. */
  #nameOf(operation: string, text: string): string | undefined {
    if (!this.#prepares) return undefined;
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `${operation}_${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name;
  }

  /** Calls `attempt` until it succeeds or `policy` forbids another try, and turns its failure into a StoreError. */
  async repeating<T>(policy: RepeatPolicy, attempt: (sent: () => void) => Promise<T>): Promise<T> {
    const { clock, random } = this.deps;
    const startedMs = clock.monotonicMs();
    let mayHaveHappened = false;
    for (let repeat = 0; ; repeat++) {
      let wasSent = false;
      try {
        return await attempt(() => {
          wasSent = true;
        });
      } catch (error) {
        if (error instanceof StoreError) throw mayHaveHappened ? unavailable(error, policy, mayHaveHappened) : error;
        const failure = classifySqlFailure(error, wasSent);
        if (failure === 'wrong') throw error;
        mayHaveHappened ||= failure === 'lost';
        const pauseMs = jittered(policy, repeat, random);
        const isLate = clock.monotonicMs() - startedMs + pauseMs > policy.withinMs;
        if (isLate || repeat >= policy.repeats || !mayRepeat(failure, policy))
          throw unavailable(error, policy, mayHaveHappened);
        await delay(clock, pauseMs);
      }
    }
  }
}

export type TransactionQuery = <Row extends QueryResultRow>(text: string, values: readonly unknown[]) => Promise<Row[]>;

const IDLE_TIMEOUT_MS = 30_000;
/** So much longer than the server does the client wait for an answer, for the server's own error to arrive first. */
const CLIENT_PATIENCE_MS = 500;
/** Longer than the interval at which a job lock is confirmed, which is the only transaction that lies idle. */
const IDLE_IN_TRANSACTION_MS = 30_000;
/** Calls that may wait for a connection; one more is refused at once. */
const WAITING_MAX = 1_000;
const CLOSE_PATIENCE_MS = 5_000;

function ignore(): void {}

/** A connection on which anything failed is closed: nobody needs to know what is still on its way. */
async function release<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  let broken = true;
  try {
    const result = await work();
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}

function mayRepeat(failure: SqlFailure, policy: RepeatPolicy): boolean {
  return failure !== 'lost' || policy.idempotent;
}

/** Doubles from the first pause, and takes a random half off, so that callers who failed together do not return together. */
function jittered(policy: RepeatPolicy, repeat: number, random: Random): number {
  const fullMs = Math.min(policy.firstPauseMs * 2 ** repeat, 1_000);
  return fullMs / 2 + random.below(Math.ceil(fullMs / 2) + 1);
}

function unavailable(cause: unknown, policy: RepeatPolicy, mayHaveHappened: boolean): StoreError {
  if (policy === stubborn && mayHaveHappened) {
    return new StoreError(
      'OutcomeUnknown',
      'the database did not answer: the file was stored whole, or not at all',
      cause,
    );
  }
  return new StoreError('DatabaseUnavailable', 'the database cannot be reached now; try again soon', cause);
}
