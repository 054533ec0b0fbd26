import { MESSAGE_PREFIX_BYTES } from './message-prefix.ts';

/** One gRPC message, at the beginning of the buffer that was taken for it. */
export interface Message {
  readonly buffer: Buffer;
  readonly bytes: number;
}

export interface MessageSplitterOptions {
  readonly bytesMax: number;
  /** Memory for a message of so many bytes; it belongs to whoever receives the message. */
  readonly take: (bytes: number) => Buffer;
}

/** Finds the messages in a stream of byte pieces. Throws when a message is longer than `bytesMax` or compressed. */
export class MessageSplitter {
  readonly #options: MessageSplitterOptions;
  readonly #prefix = Buffer.alloc(MESSAGE_PREFIX_BYTES);
  #prefixBytes = 0;
  #message: Message | undefined;
  #filledBytes = 0;

  constructor(options: MessageSplitterOptions) {
    this.#options = options;
  }

  /** True between messages: a stream may end here. */
  get isBetween(): boolean {
    return this.#prefixBytes === 0 && this.#message === undefined;
  }

  *split(piece: Buffer): Generator<Message, void, undefined> {
    let at = 0;
    while (at < piece.length) {
      if (this.#message === undefined) at += this.#readPrefix(piece.subarray(at));
      if (this.#message === undefined) continue;
      const missing = this.#message.bytes - this.#filledBytes;
      const copied = piece.copy(this.#message.buffer, this.#filledBytes, at, at + missing);
      at += copied;
      this.#filledBytes += copied;
      if (copied < missing) continue;
      const message = this.#message;
      this.#message = undefined;
      yield message;
    }
  }

  /** Returns how many bytes of `piece` belong to the prefix; it stays half read when the piece ends within it. */
  #readPrefix(piece: Buffer): number {
    const taken = piece.copy(this.#prefix, this.#prefixBytes);
    this.#prefixBytes += taken;
    if (this.#prefixBytes < MESSAGE_PREFIX_BYTES) return taken;
    this.#prefixBytes = 0;
    const bytes = this.#prefix.readUInt32BE(1);
    if (this.#prefix[0] !== 0) throw new Error('the node compressed a message, which it was not allowed to');
    if (bytes > this.#options.bytesMax) {
      throw new Error(`a message has ${bytes} bytes; at most ${this.#options.bytesMax} are taken`);
    }
    this.#message = { buffer: this.#options.take(bytes), bytes };
    this.#filledBytes = 0;
    return taken;
  }
}
