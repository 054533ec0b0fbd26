import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { GrpcError } from './grpc-error.ts';
import type { MessageSink } from './message-splitter.ts';

/** Puts each message together, decompressed, and hands it on. */
export class WholeMessages implements MessageSink {
  readonly #encoding: string;
  readonly #bytesMax: number;
  readonly #take: (message: Buffer) => Promise<void> | undefined;
  #pieces: Buffer[] = [];
  #isCompressed = false;

  /** `encoding` is the call's grpc-encoding. A message may have `bytesMax` bytes when it is decompressed. */
  constructor(encoding: string, bytesMax: number, take: (message: Buffer) => Promise<void> | undefined) {
    this.#encoding = encoding;
    this.#bytesMax = bytesMax;
    this.#take = take;
  }

  begin(_bytes: number, isCompressed: boolean): void {
    this.#isCompressed = isCompressed;
    this.#pieces = [];
  }

  piece(bytes: Buffer): undefined {
    this.#pieces.push(bytes);
  }

  end(): Promise<void> | undefined {
    const message = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    if (!this.#isCompressed) return this.#take(message);
    return decompress(message, this.#encoding, this.#bytesMax).then((plain) => this.#take(plain));
  }
}

const decompressors: Readonly<
  Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
};

async function decompress(message: Buffer, encoding: string, bytesMax: number): Promise<Buffer> {
  const decompressor = decompressors[encoding];
  if (!decompressor) throw new GrpcError(status.UNIMPLEMENTED, `messages compressed with "${encoding}" are not taken`);
  try {
    return await decompressor(message, { maxOutputLength: bytesMax });
  } catch {
    throw new GrpcError(status.INTERNAL, `a message cannot be decompressed to at most ${bytesMax} bytes`);
  }
}
