import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { KiB } from '../../../common/bytes.ts';
import type { Clock, Timer } from '../../../common/clock.ts';
import { GrpcError } from './grpc-error.ts';
import { type MessageSink, MessageSplitter, PREFIX_BYTES, writePrefix } from './message-splitter.ts';
import { PlainMessages } from './plain-messages.ts';
import { parseTimeoutMs } from './timeout.ts';
import { WholeMessages } from './whole-messages.ts';

export interface CallStatus {
  readonly code: status;
  readonly details: string;
}

/** After an early answer the client may go on sending for so long, unheard; then its stream is reset. */
const LINGER_MS = 5000;

/** The message of a call that takes one holds an id and a few numbers; any number of calls may each hold one in memory. */
const REQUEST_BYTES_MAX = 64 * KiB;

/** One call of a client, over one HTTP/2 stream, in whichever direction messages flow. */
export class Call {
  readonly method: string;
  /** The bytes that one incoming message may have. */
  readonly #messageBytesMax: number;
  readonly #encoding: string;
  readonly #stream: ServerHttp2Stream;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #timer: Timer | undefined;
  #isSending = false;
  #isFinished = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, clock: Clock, messageBytesMax: number) {
    this.method = String(headers[':path']);
    this.#encoding = String(headers['grpc-encoding'] ?? 'identity');
    this.#messageBytesMax = messageBytesMax;
    this.#stream = stream;
    this.#clock = clock;
    // Without a listener a reset stream would end the process; 'close' follows and says all there is to know.
    stream.on('error', () => {});
    stream.once('close', () => this.abort(new GrpcError(status.CANCELLED, 'the client is gone')));
    // A client that has not taken the last message would not hear a status either.
    const giveUp = () => this.#isSending && stream.close(constants.NGHTTP2_CANCEL);
    this.signal.addEventListener('abort', giveUp, { once: true });
    const timeoutMs = parseTimeoutMs(headers['grpc-timeout']);
    const expire = () => this.abort(new GrpcError(status.DEADLINE_EXCEEDED, "the call's deadline has passed"));
    this.#timer = timeoutMs === undefined ? undefined : clock.after(timeoutMs, expire);
  }

  /** Aborted when nobody waits for the rest of the call: the client is gone, its deadline has passed, or abort() was called. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Makes all that waits for the client fail with `reason`. */
  abort(reason: Error): void {
    if (!this.#isFinished) this.#abort.abort(reason);
  }

  /** The one message of a call that takes one. */
  async request(): Promise<Buffer> {
    const messages: Buffer[] = [];
    const take = (message: Buffer): undefined => {
      messages.push(message);
      if (messages.length > 1) throw new GrpcError(status.UNIMPLEMENTED, 'the method takes one message');
    };
    await this.receive(new WholeMessages(take), REQUEST_BYTES_MAX);
    const [message] = messages;
    if (!message) throw new GrpcError(status.UNIMPLEMENTED, 'the method takes one message, and none came');
    return message;
  }

  /** Feeds all messages to `sink`, decompressed, with back-pressure. Resolves when the client has ended its side, as it meant to. */
  async receive(sink: MessageSink, messageBytesMax = this.#messageBytesMax): Promise<void> {
    this.signal.throwIfAborted();
    const plain = new PlainMessages(this.#encoding, messageBytesMax, sink);
    const splitter = new MessageSplitter(plain, messageBytesMax);
    const stream = this.#stream;
    const ended = Promise.withResolvers<void>();
    const onAbort = () => ended.reject(this.signal.reason);
    const onData = (bytes: Buffer) => {
      try {
        const taken = splitter.feed(bytes);
        if (!taken) return;
        stream.pause();
        pending = taken
          .then(() => void stream.resume(), ended.reject)
          .finally(() => {
            pending = undefined;
          });
      } catch (error) {
        ended.reject(error);
      }
    };
    const onEnd = () => {
      // A stream that is paused ends all the same when it has nothing left to read: what was read may still be taken.
      if (pending) void pending.then(onEnd);
      // A stream that was reset without an error ends like one that was ended; but then it is closed on both sides.
      else if (stream.closed || stream.destroyed) ended.reject(new GrpcError(status.CANCELLED, 'the client is gone'));
      else ended.resolve();
    };
    let pending: Promise<void> | undefined;
    this.signal.addEventListener('abort', onAbort, { once: true });
    stream.on('data', onData).once('end', onEnd);
    try {
      await ended.promise;
      splitter.finish();
    } finally {
      this.signal.removeEventListener('abort', onAbort);
      stream.off('data', onData).off('end', onEnd);
      stream.pause();
      // What the sink has begun must not go on behind the back of whoever cleans up.
      await pending;
      await plain[Symbol.asyncDispose]();
    }
  }

  /**
   * Sends one message: `framed` begins with PREFIX_BYTES that writePrefix() wrote. It is not copied. When this settles, with
   * a failure too, the connection has no use for its memory any more. One at a time.
   */
  async send(framed: Buffer): Promise<void> {
    this.signal.throwIfAborted();
    this.#sendHeaders();
    const settled = Promise.withResolvers<void>();
    this.#isSending = true;
    // When the call is aborted the stream is reset, and this is called then: what the client has not taken by that time must
    // not be sent from memory that holds another chunk by now.
    this.#stream.write(framed, (error) => (error ? settled.reject(this.#gone()) : settled.resolve()));
    try {
      await settled.promise;
    } finally {
      this.#isSending = false;
    }
  }

  /** Sends one message, copied. */
  sendMessage(message: Uint8Array): Promise<void> {
    const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
    writePrefix(framed, 0, message.length);
    framed.set(message, PREFIX_BYTES);
    return this.send(framed);
  }

  /** Ends the call with a status. Does nothing when the client is gone. */
  finish({ code, details }: CallStatus): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#timer?.cancel();
    const stream = this.#stream;
    // Also one that the client has reset: without an error it is over only when what it sent has been read.
    stream.resume();
    if (stream.closed || stream.destroyed) return;
    const trailers = {
      'grpc-status': String(code),
      ...(details === '' ? {} : { 'grpc-message': encodeMessage(details) }),
    };
    if (stream.headersSent) {
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end();
    } else {
      stream.respond({ ...RESPONSE_HEADERS, ...trailers }, { endStream: true });
    }
    this.#discardRest();
  }

  /** The client may still be sending. It is read, so that the connection flows, and then reset. */
  #discardRest(): void {
    const stream = this.#stream;
    if (stream.readableEnded) return;
    const timer = this.#clock.after(LINGER_MS, () => stream.close(constants.NGHTTP2_NO_ERROR));
    stream.once('end', () => timer.cancel()).once('close', () => timer.cancel());
  }

  #sendHeaders(): void {
    if (!this.#stream.headersSent) this.#stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
  }

  #gone(): unknown {
    return this.signal.aborted ? this.signal.reason : new GrpcError(status.CANCELLED, 'the client is gone');
  }
}

const RESPONSE_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};

/** Percent-encoded UTF-8, as the gRPC protocol wants it in a header. */
function encodeMessage(details: string): string {
  return encodeURI(details.toWellFormed());
}
