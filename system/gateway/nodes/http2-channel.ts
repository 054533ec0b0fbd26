import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { MiB } from '../../common/bytes.ts';
import type { Clock } from '../../common/clock.ts';

const CONNECTION_WINDOW_BYTES = 4 * MiB;
/** A paused or unplugged node is noticed within the sum of these, even in the middle of a call or of connecting. */
const PING_INTERVAL_MS = 7_000;
const PING_TIMEOUT_MS = 3_000;

/** One HTTP/2 connection to a node, made when it is first needed and again after it broke. */
export class Http2Channel implements Disposable {
  readonly #authority: string;
  readonly #windowBytes: number;
  readonly #clock: Clock;
  readonly #pings: Disposable;
  #session: ClientHttp2Session | undefined;
  readonly #sockets = new WeakMap<ClientHttp2Session, Socket>();
  #streams = 0;
  #closed = false;

  /** `windowBytes`: what the node may send on one stream before we have taken any of it. */
  constructor(address: string, windowBytes: number, clock: Clock) {
    this.#authority = `http://${address}`;
    this.#windowBytes = windowBytes;
    this.#clock = clock;
    const timer = clock.every(PING_INTERVAL_MS, () => this.#ping());
    this.#pings = { [Symbol.dispose]: () => timer.cancel() };
  }

  /** Begins a gRPC call (gRPC over HTTP/2, section Requests). What fails is told by the stream's events, later. */
  open(path: string): ClientHttp2Stream {
    const stream = this.#connected().request(
      {
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: path,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        [constants.HTTP2_HEADER_TE]: 'trailers',
      },
      { endStream: false },
    );
    this.#streams++;
    stream.once('close', () => this.#streams--);
    return stream;
  }

  /** Calls under way end as broken. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#pings[Symbol.dispose]();
    if (this.#session !== undefined) this.#destroy(this.#session);
  }

  #connected(): ClientHttp2Session {
    const usable = this.#session !== undefined && !this.#session.closed && !this.#session.destroyed;
    if (this.#session !== undefined && usable) return this.#session;
    const session = connect(this.#authority, {
      // Memory is bounded by who writes and by the windows; the default of 10 MiB would refuse streams.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
      settings: { enablePush: false, initialWindowSize: this.#windowBytes },
    });
    session.once('connect', (_, socket) => {
      this.#sockets.set(session, socket as Socket);
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    });
    // A server that stops says so: what runs may end, what is new goes over another connection.
    session.once('goaway', () => this.#forget(session));
    session.once('close', () => this.#forget(session));
    // Every stream of the session tells of it; without a listener it would end the process.
    session.on('error', () => this.#forget(session));
    if (this.#closed) this.#destroy(session);
    else this.#session = session;
    return session;
  }

  /** Node's HTTP/2 waits for what it was writing, which a peer that reads nothing never takes. */
  #destroy(session: ClientHttp2Session, error?: Error): void {
    session.destroy(error);
    this.#sockets.get(session)?.destroy();
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  #ping(): void {
    const session = this.#session;
    if (session === undefined || session.destroyed || (this.#streams === 0 && !session.connecting)) return;
    const late = this.#clock.after(PING_TIMEOUT_MS, () =>
      this.#destroy(session, new Error('the node does not answer pings')),
    );
    // Left alone, the system tries for two minutes, ever more seldom: long after a node can be reached again.
    if (session.connecting) session.once('connect', () => late.cancel());
    else session.ping(() => late.cancel());
  }
}
