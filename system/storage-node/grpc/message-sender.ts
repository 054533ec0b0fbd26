import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Clock } from '../../common/clock.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import { clientGone } from './call-parts.ts';
import { IdleTimer } from './idle-timer.ts';

/**
 * Sends messages one at a time, with back-pressure: the next one only when the transport has taken the last. grpc-js
 * forgets the callback of a write when the call is cancelled, so a cancelled call is listened for as well.
 */
export class MessageSender<Message> implements Disposable {
  readonly #call: ServerWritableStream<unknown, Message>;
  readonly #idle: IdleTimer;
  readonly #end: AbortController;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(call: ServerWritableStream<unknown, Message>, clock: Clock, idleTimeoutMs: number) {
    this.#call = call;
    this.#end = clientGone(call);
    this.#end.signal.addEventListener('abort', () => this.#waiting?.reject(this.#end.signal.reason), { once: true });
    this.#idle = new IdleTimer(clock, idleTimeoutMs, () => {
      this.#end.abort(new ChunkError('PeerIdle', `no message was taken for ${idleTimeoutMs} ms`));
    });
  }

  /** Aborted when the client is gone, or has taken nothing for too long. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Resolves when the transport has taken the message and its memory may be used again. Throws ChunkError ClientGone or PeerIdle. */
  async send(message: Message): Promise<void> {
    this.#end.signal.throwIfAborted();
    this.#idle.touch();
    const taken = Promise.withResolvers<void>();
    this.#waiting = taken;
    this.#call.write(message, () => taken.resolve());
    await taken.promise;
    this.#idle.touch();
  }

  [Symbol.dispose](): void {
    this.#idle[Symbol.dispose]();
  }
}
