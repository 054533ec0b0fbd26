import { MESSAGE_PREFIX_BYTES } from './message-prefix.ts';

/** One gRPC message as the pieces of memory in which it arrived. */
export interface MessagePieces {
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
}

/** Finds the messages in a stream of byte pieces, without copying them. Throws when a message is longer than `bytesMax` or compressed. */
export class MessageSplitter {
  readonly #bytesMax: number;
  #prefix = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #bytes = 0;
  #missing = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** True between messages: a stream may end here. */
  get isBetween(): boolean {
    return this.#prefix.length === 0 && this.#missing === 0;
  }

  *split(piece: Buffer): Generator<MessagePieces, void, undefined> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#missing === 0) rest = this.#readPrefix(rest);
      if (this.#prefix.length > 0) continue;
      const taken = rest.subarray(0, this.#missing);
      rest = rest.subarray(taken.length);
      this.#missing -= taken.length;
      if (taken.length > 0) this.#pieces.push(taken);
      if (this.#missing > 0) continue;
      yield { pieces: this.#pieces, bytes: this.#bytes };
      this.#pieces = [];
    }
  }

  /** Returns what is left of `piece` behind the prefix; the prefix stays half read when the piece ends within it. */
  #readPrefix(piece: Buffer): Buffer {
    const taken = piece.subarray(0, MESSAGE_PREFIX_BYTES - this.#prefix.length);
    const prefix = this.#prefix.length === 0 ? taken : Buffer.concat([this.#prefix, taken]);
    if (prefix.length < MESSAGE_PREFIX_BYTES) {
      this.#prefix = Buffer.from(prefix);
      return piece.subarray(taken.length);
    }
    this.#prefix = Buffer.alloc(0);
    this.#bytes = prefix.readUInt32BE(1);
    this.#missing = this.#bytes;
    if (prefix[0] !== 0) throw new Error('the node compressed a message, which it was not allowed to');
    if (this.#bytes > this.#bytesMax)
      throw new Error(`a message has ${this.#bytes} bytes; at most ${this.#bytesMax} are taken`);
    return piece.subarray(taken.length);
  }
}
