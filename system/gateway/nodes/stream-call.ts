import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { type Failure, failureOf } from './failures.ts';

/** RFC 9113 section 7: the stream is no longer needed. */
const HTTP2_CANCEL = 8;

export interface StreamCallEvents {
  /** The next bytes of the answer, message prefixes included; none after the end. */
  onBytes(bytes: Buffer): void;
  /** Called once: when all bytes were given and the node says that all is well, or as soon as anything failed. */
  onEnd(failure: Failure | undefined): void;
}

/**
 * One streaming gRPC call over HTTP/2. The bytes of chunks pass here without being copied, which is why this is not
 * left to the library (docs/decisions: data path).
 */
export class StreamCall {
  readonly #stream: ClientHttp2Stream;
  readonly #events: StreamCallEvents;
  #ended = false;
  #trailers: IncomingHttpHeaders | undefined;
  #httpStatus = 200;

  constructor(stream: ClientHttp2Stream, events: StreamCallEvents) {
    this.#stream = stream;
    this.#events = events;
    const { session } = stream;
    stream.on('response', (headers) => {
      this.#httpStatus = Number(headers[':status']);
      // An answer without a body has its status among the headers.
      if (headers['grpc-status'] !== undefined) this.#takeStatus(headers);
    });
    // What the stream still holds when the call has failed follows a gap, so nobody may take it for what comes next.
    stream.on('data', (bytes: Buffer) => void (this.#ended || this.#events.onBytes(bytes)));
    stream.on('trailers', (trailers) => this.#takeStatus(trailers));
    stream.on('end', () => this.#trailers !== undefined && this.#end(statusOf(this.#trailers)));
    stream.on('error', (error) => this.#end({ code: status.UNAVAILABLE, details: error.message }));
    // A node gives up a stream of which nobody took anything for long; a connection that breaks gives up all of its own.
    stream.on('close', () => this.#end(this.#whyClosed(session?.closed === false)));
  }

  /** Sends bytes as they are. `taken` is called when their memory may be used again; never, when the call breaks before. */
  write(framed: Buffer, taken?: () => void): void {
    if (this.#ended) return;
    this.#stream.write(framed, (error) => {
      if (error === null || error === undefined) taken?.();
    });
  }

  /** No more messages come from us. */
  endWriting(): void {
    if (!this.#ended) this.#stream.end();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** The node throws away what it got, as on a broken connection. */
  cancel(): void {
    this.#end({ code: status.CANCELLED, details: 'given up' });
    // Node's HTTP/2 ends the stream before it resets it: that is why a chunk's last message says how long it is.
    if (!this.#stream.closed) this.#stream.close(HTTP2_CANCEL);
    // One that has been sent whole is not gone from the connection until its bytes are taken.
    this.#stream.resume();
  }

  /** A failure counts at once; that all is well, only when the bytes before it have been given. */
  #takeStatus(headers: IncomingHttpHeaders): void {
    this.#trailers = headers;
    const failure = statusOf(headers);
    if (failure !== undefined) this.#end(failure);
  }

  #end(failure: Failure | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.onEnd(failure);
  }

  #whyClosed(isConnected: boolean): Failure {
    if (isConnected && this.#stream.rstCode === HTTP2_CANCEL) {
      return { code: status.CANCELLED, details: 'the node gave the stream up' };
    }
    const details =
      this.#httpStatus === 200 ? 'the connection ended' : `the node answered with HTTP ${this.#httpStatus}`;
    return { code: status.UNAVAILABLE, details };
  }
}

function statusOf(headers: IncomingHttpHeaders): Failure | undefined {
  const code = Number(headers['grpc-status'] ?? status.UNKNOWN);
  const message = headers['grpc-message'];
  return code === status.OK ? undefined : failureOf(code, typeof message === 'string' ? message : '');
}
