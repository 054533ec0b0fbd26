import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { breakOff } from './break-off.ts';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const connectDeadlineMs = 5_000;

/**
 * A TCP connection to an HTTP server, for what no HTTP library would send: half a head, a body that is shorter
 * than declared, a client that falls silent.
 */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isOver = false;

  static async open(base: URL, withinMs = connectDeadlineMs): Promise<RawConnection> {
    const socket = connect({ host: base.hostname, port: Number(base.port) });
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(withinMs) });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new RawConnection(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (piece: Buffer) => {
      this.#received = Buffer.concat([this.#received, piece]);
    });
    // A reset is an end like any other here; what matters is what came before.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#isOver = true;
    });
  }

  send(piece: string | Uint8Array): void {
    this.socket.write(piece);
  }

  /** Tells the server that nothing more comes, and goes on listening. */
  endSending(): void {
    this.socket.end();
  }

  /** Ends the connection at once, by a reset, as a client that crashes does. */
  reset(): void {
    breakOff(this.socket);
  }

  /** The first whole answer, past any `100 Continue`; null when the connection ended without one. Throws after the limit. */
  async answer(withinMs: number): Promise<RawAnswer | null> {
    const limit = AbortSignal.timeout(withinMs);
    for (;;) {
      const answer = firstAnswer(this.#received);
      if (answer !== null || this.#isOver) return answer;
      await this.#change(limit, `the server neither answered nor closed within ${withinMs / 1000} s`);
    }
  }

  /** Resolves when the server has closed. Throws after the limit. */
  async closed(withinMs: number): Promise<void> {
    const limit = AbortSignal.timeout(withinMs);
    while (!this.#isOver) await this.#change(limit, `the server did not close within ${withinMs / 1000} s`);
  }

  /** All that came, as text. */
  get text(): string {
    return this.#received.toString('latin1');
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #change(limit: AbortSignal, complaint: string): Promise<void> {
    const settled = new AbortController();
    const signal = AbortSignal.any([limit, settled.signal]);
    try {
      await Promise.race([once(this.socket, 'data', { signal }), once(this.socket, 'close', { signal })]);
    } catch (error) {
      if (limit.aborted) throw new Error(complaint, { cause: error });
    } finally {
      settled.abort();
    }
  }
}

/** The lines of a head that say who is asked, and by whose key where the base URL has one. */
export function hostLines(base: URL): string[] {
  return [`Host: ${base.host}`, ...(base.username === '' ? [] : [`Authorization: Bearer ${base.username}`])];
}

function firstAnswer(received: Buffer): RawAnswer | null {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const rest = received.subarray(headEnd + 4);
  if (status === 100) return firstAnswer(rest);
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers['content-length'] ?? 0);
  return rest.length < length ? null : { status, headers, body: rest.toString('utf8', 0, length) };
}
