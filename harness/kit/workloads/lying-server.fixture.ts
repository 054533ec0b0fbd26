import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stores in memory that lie when they are told to have in common: a server, and the lies of the moment. */
export abstract class LyingServer<Lies> implements AsyncDisposable {
  /** May be changed at any time. */
  lies: Lies;
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  protected constructor(lies: Lies) {
    this.lies = lies;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  protected async listen(): Promise<this> {
    this.#server.listen({ host: '127.0.0.1', port: 0 });
    await once(this.#server, 'listening');
    return this;
  }

  /** Called when all of `body` has arrived. */
  protected abstract answer(asked: Asked, response: ServerResponse): void;

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    } catch {
      // The client has gone while it sent.
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    this.answer({ path: pathname, query: searchParams, request, body: Buffer.concat(pieces) }, response);
  }
}

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly body: Buffer;
}
