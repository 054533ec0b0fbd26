import { status } from '@grpc/grpc-js';
import { GrpcError } from './grpc-error.ts';

/** In front of every message: one byte of flags, then the length in 32 bits, big-endian. */
export const PREFIX_BYTES = 5;

/** Writes the prefix of a message of `bytes` bytes to `buffer`, from offset `at` on. */
export function writePrefix(buffer: Buffer, at: number, bytes: number): void {
  buffer[at] = 0;
  buffer.writeUInt32BE(bytes, at + 1);
}

/** Takes messages apart as they come. Where a method returns a promise, nothing more comes until it resolves. */
export interface MessageSink {
  begin(isCompressed: boolean): void;
  piece(bytes: Buffer): Promise<void> | undefined;
  end(): Promise<void> | undefined;
}

/** Finds the messages in the bytes of a stream, without putting them together. */
export class MessageSplitter {
  readonly #sink: MessageSink;
  readonly #messageBytesMax: number;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** Of the message at hand; undefined between messages. */
  #left: number | undefined;

  constructor(sink: MessageSink, messageBytesMax: number) {
    this.#sink = sink;
    this.#messageBytesMax = messageBytesMax;
  }

  /** Takes the next bytes. Resolves when the sink has taken them; undefined when it already has. Throws GrpcError. */
  feed(bytes: Buffer): Promise<void> | undefined {
    let at = 0;
    for (;;) {
      if (this.#left === undefined) {
        at += this.#feedPrefix(bytes, at);
        if (this.#left === undefined) return undefined;
      }
      const piece = bytes.subarray(at, at + this.#left);
      at += piece.length;
      this.#left -= piece.length;
      const taken = piece.length > 0 ? this.#sink.piece(piece) : undefined;
      if (taken) return taken.then(() => this.#endAndFeed(bytes.subarray(at)));
      if (this.#left > 0) return undefined;
      const ended = this.#end();
      if (ended) return ended.then(() => this.feed(bytes.subarray(at)));
    }
  }

  /** The client has ended the stream. Throws GrpcError when that was within a message. */
  finish(): void {
    if (this.#left === undefined && this.#prefixBytes === 0) return;
    throw new GrpcError(status.INTERNAL, 'the stream ended within a message');
  }

  #endAndFeed(rest: Buffer): Promise<void> | undefined {
    if (this.#left === 0) {
      const ended = this.#end();
      if (ended) return ended.then(() => this.feed(rest));
    }
    return this.feed(rest);
  }

  #end(): Promise<void> | undefined {
    this.#left = undefined;
    this.#prefixBytes = 0;
    return this.#sink.end();
  }

  /** How many of the bytes belong to the prefix. */
  #feedPrefix(bytes: Buffer, at: number): number {
    const copied = bytes.copy(this.#prefix, this.#prefixBytes, at);
    this.#prefixBytes += copied;
    if (this.#prefixBytes < PREFIX_BYTES) return copied;
    const messageBytes = this.#prefix.readUInt32BE(1);
    if (messageBytes > this.#messageBytesMax) {
      const sentence = `a message has ${messageBytes} bytes, at most ${this.#messageBytesMax} are taken`;
      throw new GrpcError(status.RESOURCE_EXHAUSTED, sentence);
    }
    this.#left = messageBytes;
    this.#sink.begin(this.#prefix[0] === 1);
    return copied;
  }
}
