import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { GrpcError } from './grpc-error.ts';
import type { MessageSink } from './message-splitter.ts';

/**
 * Decompresses the messages that are compressed. They too are handed on piece by piece, so that one costs no memory of its
 * size, neither as it came nor as it was meant. Dispose it when nothing more comes: afterwards `sink` is left alone.
 */
export class PlainMessages implements MessageSink, AsyncDisposable {
  readonly #encoding: string;
  readonly #bytesMax: number;
  readonly #sink: MessageSink;
  /** Of the message at hand, or of the last one; undefined when that came as it is. */
  #inflation: Inflation | undefined;

  /** `encoding` is the call's grpc-encoding. A message may have `bytesMax` bytes when it is decompressed. */
  constructor(encoding: string, bytesMax: number, sink: MessageSink) {
    this.#encoding = encoding;
    this.#bytesMax = bytesMax;
    this.#sink = sink;
  }

  begin(isCompressed: boolean): void {
    this.#inflation = isCompressed ? new Inflation(this.#encoding, this.#bytesMax, this.#sink) : undefined;
    this.#sink.begin(isCompressed);
  }

  piece(bytes: Buffer): Promise<void> | undefined {
    return (this.#inflation ?? this.#sink).piece(bytes);
  }

  end(): Promise<void> | undefined {
    if (!this.#inflation) return this.#sink.end();
    return this.#inflation.end().then(() => this.#sink.end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inflation?.[Symbol.asyncDispose]();
  }
}

const inflaters: Readonly<Record<string, () => Gunzip | Inflate>> = { gzip: createGunzip, deflate: createInflate };

/** Decompresses one message. */
class Inflation implements AsyncDisposable {
  readonly #inflater: Gunzip | Inflate;
  readonly #handedOn: Promise<void>;

  constructor(encoding: string, bytesMax: number, sink: MessageSink) {
    const inflater = inflaters[encoding]?.();
    if (!inflater) throw new GrpcError(status.UNIMPLEMENTED, `messages compressed with "${encoding}" are not taken`);
    this.#inflater = inflater;
    // What follows the compressed bytes meets a stream that has ended; all other failures are told by #handedOn too.
    inflater.on('error', () => {});
    this.#handedOn = handOn(inflater, bytesMax, sink);
    this.#handedOn.catch(() => {});
  }

  piece(bytes: Buffer): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.#inflater.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    return Promise.race([this.#handedOn, taken]);
  }

  end(): Promise<void> {
    this.#inflater.end();
    return this.#handedOn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#inflater.destroy();
    await this.#handedOn.catch(() => {});
  }
}

async function handOn(inflater: Gunzip | Inflate, bytesMax: number, sink: MessageSink): Promise<void> {
  const refusal = () => new GrpcError(status.INTERNAL, `a message cannot be decompressed to at most ${bytesMax} bytes`);
  let plainBytes = 0;
  try {
    for await (const bytes of inflater as AsyncIterable<Buffer>) {
      plainBytes += bytes.length;
      if (plainBytes > bytesMax) throw refusal();
      await sink.piece(bytes);
    }
  } catch (error) {
    throw isZlibError(error) ? refusal() : error;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}
