import { once } from 'node:events';
import { type Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';

export interface HttpRequest {
  readonly method: string;
  /** Path and query, as it goes over the wire. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Sends `Expect: 100-continue`, and the body only once the server wants it. */
  readonly expectContinue?: boolean;
  readonly signal?: AbortSignal;
}

export interface HttpExchange {
  readonly response: IncomingMessage;
  /** Bytes of the request's body that were handed to the socket when the answer's head came. */
  readonly sentBytes: () => number;
}

/** No byte in either direction for this long, and the exchange fails. */
const idleTimeoutMs = 120_000;

/**
 * One request and the head of its answer. A server may answer before it has read the whole body; the rest is
 * then not sent, and the connection is not used again. Throws what the connection fails with.
 */
export async function exchange(base: URL, agent: Agent, wanted: HttpRequest): Promise<HttpExchange> {
  const outgoing = request({
    agent,
    host: base.hostname,
    port: base.port,
    method: wanted.method,
    path: wanted.path,
    headers: { ...bearerOf(base), ...wanted.headers, ...(wanted.expectContinue ? { expect: '100-continue' } : {}) },
    ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
  });
  outgoing.setTimeout(idleTimeoutMs, () => outgoing.destroy(new Error(`no byte moved for ${idleTimeoutMs / 1000} s`)));
  const sending = new BodySender(outgoing);
  outgoing.once('close', () => sending.stop());
  const answered = once(outgoing, 'response').then(([response]) => {
    sending.stop();
    return response as IncomingMessage;
  });
  const sent = sending.send(wanted);
  // When the connection breaks both fail for the same reason: the answer's side tells it.
  sent.catch((error) => outgoing.destroy(error));
  // An error after the head (a reset while the rest of the body was on its way) shows in the response's own stream.
  outgoing.on('error', () => {});
  const response = await answered;
  return { response, sentBytes: () => sending.sentBytes };
}

/** What a base URL with a key in it authorizes with; what a request says itself comes first. */
function bearerOf({ username }: URL): OutgoingHttpHeaders {
  return username === '' ? {} : { authorization: `Bearer ${username}` };
}

class BodySender {
  sentBytes = 0;
  readonly #outgoing: ClientRequest;
  #isStopped = false;
  #wake: (() => void) | undefined;

  constructor(outgoing: ClientRequest) {
    this.#outgoing = outgoing;
  }

  async send({ body, expectContinue }: HttpRequest): Promise<void> {
    if (expectContinue) await this.#untilWanted();
    if (this.#isStopped) return;
    for await (const piece of body ?? []) {
      if (this.#isStopped) return;
      this.sentBytes += piece.length;
      if (!this.#outgoing.write(piece)) await this.#untilDrained();
    }
    if (!this.#isStopped) this.#outgoing.end();
  }

  /** The server has answered: what is not sent by now is not sent at all. */
  stop(): void {
    if (this.#isStopped || this.#outgoing.writableEnded) return;
    this.#isStopped = true;
    this.#outgoing.shouldKeepAlive = false;
    this.#wake?.();
  }

  #untilWanted(): Promise<void> {
    this.#outgoing.flushHeaders();
    return this.#untilEvent('continue');
  }

  #untilDrained(): Promise<void> {
    return this.#untilEvent('drain');
  }

  #untilEvent(event: 'continue' | 'drain'): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#outgoing.off(event, done);
        this.#outgoing.off('close', done);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      this.#outgoing.once(event, done);
      this.#outgoing.once('close', done);
    });
  }
}
