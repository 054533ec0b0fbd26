import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * For tests: a network between the pool and PostgreSQL that can fail. It refuses, cuts or stalls connections,
 * and can lose the answer to one statement after the server has carried it out.
 */
export class FaultyProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #pairs = new Set<[Socket, Socket]>();
  readonly #port: number;
  #isStalled = false;
  #answerToLose: string | undefined;
  #refusesThen = false;
  #heardMax = Number.POSITIVE_INFINITY;
  #sendsUntilCut = Number.POSITIVE_INFINITY;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    this.#port = address.port;
    const url = new URL(target);
    url.host = `127.0.0.1:${address.port}`;
    this.url = url.href;
    server.on('connection', (client) => this.#connect(client, target));
  }

  static async before(databaseUrl: string): Promise<FaultyProxy> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyProxy(server, new URL(databaseUrl));
  }

  /** Breaks every connection; new ones are taken. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) breakOff(socket);
    this.#pairs.clear();
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Connections that come when there are `count` already stay silent. */
  silenceBeyond(count: number): void {
    this.#heardMax = count;
  }

  /** Breaks every connection as soon as clients have sent `sends` more pieces of data, the last of them unheard. */
  cutAfter(sends: number): void {
    this.#sendsUntilCut = sends;
  }

  /** Breaks every connection, and refuses new ones until `accept`. */
  async refuse(): Promise<void> {
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async accept(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Nothing gets through any more in either direction, and nobody is told; new connections are taken and stay silent. */
  stall(): void {
    this.#isStalled = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /**
   * The next statement that contains `marker` is carried out; its connection breaks before the answer arrives, and
   * with `andRefuse` none can be made from then on.
   */
  loseAnswerTo(marker: string, then?: 'andRefuse'): void {
    this.#answerToLose = marker;
    this.#refusesThen = then === 'andRefuse';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  #connect(client: Socket, target: URL): void {
    const server = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [client, server];
    const isSilent = this.#isStalled || this.#pairs.size >= this.#heardMax;
    this.#pairs.add(pair);
    let losesAnswer = false;
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => {
      this.#sendsUntilCut--;
      if (this.#sendsUntilCut <= 0) {
        this.#sendsUntilCut = Number.POSITIVE_INFINITY;
        this.cut();
        return;
      }
      if (this.#answerToLose !== undefined && bytes.includes(this.#answerToLose)) {
        this.#answerToLose = undefined;
        losesAnswer = true;
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!losesAnswer) client.write(bytes);
      // ReadyForQuery is the last message of an answer: the server has committed by then.
      else if (bytes.includes('Z\0\0\0\x05')) {
        if (this.#refusesThen) void this.refuse();
        else end();
      }
    });
    for (const socket of pair) isSilent ? socket.pause() : socket.resume();
  }
}

/** A socket that has begun to end cannot be reset: Node 24 would never close it, and the process would spin for ever when it exits. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
