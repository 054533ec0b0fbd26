import type { MessageSink } from './message-splitter.ts';

/** Puts each message together and hands it on. */
export class WholeMessages implements MessageSink {
  readonly #take: (message: Buffer) => Promise<void> | undefined;
  #pieces: Buffer[] = [];

  constructor(take: (message: Buffer) => Promise<void> | undefined) {
    this.#take = take;
  }

  begin(): void {
    this.#pieces = [];
  }

  piece(bytes: Buffer): undefined {
    this.#pieces.push(bytes);
  }

  end(): Promise<void> | undefined {
    const message = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    return this.#take(message);
  }
}
