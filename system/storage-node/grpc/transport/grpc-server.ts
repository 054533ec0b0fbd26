import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { KiB, MiB } from '../../../common/bytes.ts';
import type { Clock } from '../../../common/clock.ts';
import { Call, type CallStatus } from './call.ts';

/** Serves one call. What it throws becomes the call's status; otherwise the call ends with OK. */
export type Handler = (call: Call) => Promise<void>;

export interface GrpcServerParts {
  /** By path: `/package.Service/Method`. */
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly describe: (error: unknown, call: Call) => CallStatus;
  readonly clock: Clock;
  readonly messageBytesMax: number;
}

const STREAMS_PER_CONNECTION_MAX = 1000;
/** What a client may send ahead on one stream that is not read, and so what a stalled upload holds in memory. */
const STREAM_WINDOW_BYTES = 256 * KiB;
/** node:http2 gives this window back as data comes in, read or not; it only has to cover one round trip. */
const CONNECTION_WINDOW_BYTES = 4 * MiB;
/** A connection whose peer vanished without a word is noticed after these two, and its streams are cancelled. */
const KEEPALIVE_INTERVAL_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** node:http2 refuses new streams on a connection that holds more; its own default is too narrow for a gateway's. */
const CONNECTION_MEMORY_MB_MAX = 128;

/**
 * gRPC over node:http2, for the server's side: see docs/decisions/0041-grpc-server-on-http2.md for why it is here, and
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md for what it speaks.
 */
export class GrpcServer {
  readonly #parts: GrpcServerParts;
  readonly #server: Http2Server;
  readonly #sockets = new Map<ServerHttp2Session, Socket>();

  constructor(parts: GrpcServerParts) {
    this.#parts = parts;
    this.#server = createServer({
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: STREAMS_PER_CONNECTION_MAX },
      maxSessionMemory: CONNECTION_MEMORY_MB_MAX,
    });
    // Ahead of node:http2's own listener, which begins the session of this very connection.
    this.#server.prependListener('connection', (socket: Socket) => {
      this.#server.once('session', (session) => this.#keep(session, socket));
    });
    this.#server.on('stream', (stream, headers) => {
      if (headers[':method'] !== 'POST' || !isGrpc(headers['content-type'])) refuse(stream);
      else void this.#serve(new Call(stream, headers, parts.clock, parts.messageBytesMax));
    });
  }

  /** Resolves with the port. Rejects with the operating system's error when the address cannot be had. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no new connections and no new calls. Resolves when every connection has closed, its calls served. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sockets.keys()) session.close();
    await closed;
  }

  /** Breaks off every connection. */
  destroy(): void {
    for (const session of [...this.#sockets.keys()]) this.#destroy(session);
  }

  /** Breaks off one. Left alone, it would wait for what it is sending, for ever where the peer does not read. */
  #destroy(session: ServerHttp2Session): void {
    session.destroy();
    this.#sockets.get(session)?.destroy();
  }

  async #serve(call: Call): Promise<void> {
    const handler = this.#parts.handlers.get(call.method);
    if (!handler) return call.finish({ code: status.UNIMPLEMENTED, details: `there is no method ${call.method}` });
    try {
      await handler(call);
      call.finish({ code: status.OK, details: '' });
    } catch (error) {
      call.finish(this.#parts.describe(error, call));
    }
  }

  #keep(session: ServerHttp2Session, socket: Socket): void {
    this.#sockets.set(session, socket);
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    // A broken connection is told by the 'close' of each of its streams.
    session.on('error', () => {});
    const { clock } = this.#parts;
    const keepalive = clock.every(KEEPALIVE_INTERVAL_MS, () => {
      if (session.closed || session.destroyed) return;
      const timeout = clock.after(KEEPALIVE_TIMEOUT_MS, () => this.#destroy(session));
      session.ping(() => timeout.cancel());
    });
    session.once('close', () => {
      keepalive.cancel();
      this.#sockets.delete(session);
    });
  }
}

function isGrpc(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/grpc') === true;
}

function refuse(stream: ServerHttp2Stream): void {
  stream.on('error', () => {});
  stream.respond({ ':status': 415 }, { endStream: true });
}
