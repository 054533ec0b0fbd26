import { status } from '@grpc/grpc-js';
import { GrpcError } from './transport/grpc-error.ts';

/** Counts the calls that run, so that a node that stops can let them finish. */
export class RunningCalls {
  #running = 0;
  #isStopping = false;
  #idle = Promise.withResolvers<void>();

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Throws GrpcError UNAVAILABLE once stop() was called. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isStopping) throw new GrpcError(status.UNAVAILABLE, 'the node is stopping');
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#resolveWhenIdle();
    }
  }

  /** Refuses new calls from now on. Resolves when the last running one has ended. */
  stop(): Promise<void> {
    this.#isStopping = true;
    this.#resolveWhenIdle();
    return this.#idle.promise;
  }

  #resolveWhenIdle(): void {
    if (this.#isStopping && this.#running === 0) this.#idle.resolve();
  }
}
