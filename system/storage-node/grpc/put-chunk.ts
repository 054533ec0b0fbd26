import { type PutChunkRequest, PutChunkResponse } from '../../../proto/gen/storage.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import type { ChunkPut } from '../chunks/chunk-put.ts';
import { type CallParts, idleTimer } from './call-parts.ts';
import { Expectations } from './expectations.ts';
import { PutMessage } from './put-message.ts';
import type { Call } from './transport/call.ts';
import type { MessageSink } from './transport/message-splitter.ts';

/** Stores a chunk. The answer comes when it is on the disk; any other end leaves nothing behind. */
export async function putChunk(parts: CallParts, call: Call): Promise<void> {
  using idle = idleTimer(parts, call);
  await using incoming = new IncomingChunk(parts, () => idle.touch());
  await call.receive(incoming);
  const { put, expected } = incoming.complete();
  const stored = await parts.store.commit(put, (written) => expected.check(written), call.signal);
  await parts.failpoints.reach('put.before-answer');
  const answer = {
    chunkId: put.id,
    success: true,
    errorMessage: '',
    size: stored.sizeBytes,
    checksum: stored.sha256,
    alreadyStored: stored.alreadyStored,
  };
  await call.sendMessage(PutChunkResponse.encode(answer).finish());
}

/**
 * What comes in goes to the disk piece by piece, and is never put together: so a message costs no memory of its own
 * size, and no copy. Only data that comes before the chunk id waits for it.
 */
class IncomingChunk implements MessageSink, AsyncDisposable {
  readonly #parts: CallParts;
  readonly #onSign: () => void;
  readonly #piecewise = new PutMessage((data) => this.#append(data));
  readonly #expected = new Expectations();
  #put: ChunkPut | undefined;
  /** Of a first message whose chunk id comes after its data, as no encoder known to us has it. */
  readonly #early: Buffer[] = [];

  constructor(parts: CallParts, onSign: () => void) {
    this.#parts = parts;
    this.#onSign = onSign;
  }

  begin(): void {
    this.#piecewise.begin();
  }

  piece(bytes: Buffer): Promise<void> | undefined {
    this.#onSign();
    this.#parts.heap.passed(bytes.length);
    return this.#piecewise.piece(bytes);
  }

  end(): Promise<void> | undefined {
    this.#onSign();
    const message = this.#piecewise.end();
    if (!this.#put) return this.#startLate(message);
    this.#learn(message);
    return undefined;
  }

  /** The stream has ended. Throws ChunkError InvalidRequest when it had no message. */
  complete(): { put: ChunkPut; expected: Expectations } {
    if (!this.#put) throw new ChunkError('InvalidRequest', 'chunk_id is missing: the stream has no message');
    return { put: this.#put, expected: this.#expected };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#put?.[Symbol.asyncDispose]();
  }

  async #startLate(message: PutChunkRequest): Promise<void> {
    await this.#start(message.chunkId);
    this.#learn(message);
    for (const data of this.#early.splice(0)) await this.#append(data);
  }

  async #start(chunkId: string): Promise<void> {
    this.#put = await this.#parts.store.startPut(parseChunkId(chunkId));
    await this.#parts.failpoints.reach('put.after-create');
  }

  /** What the message says, apart from its data. */
  #learn(message: PutChunkRequest): void {
    const put = this.#put as ChunkPut;
    if (message.chunkId !== '' && message.chunkId !== put.id) {
      throw new ChunkError('InvalidRequest', 'a later message of the stream has another chunk_id');
    }
    this.#expected.learn(message);
    this.#expected.allow(put.sizeBytes);
    if (this.#expected.sizeBytes !== undefined) put.reserve(this.#expected.sizeBytes);
  }

  #append(data: Buffer): Promise<void> | undefined {
    const put = this.#put;
    if (!put) return this.#appendFirst(data);
    this.#expected.allow(put.sizeBytes + data.length);
    return put.append(data);
  }

  async #appendFirst(data: Buffer): Promise<void> {
    const { chunkId } = this.#piecewise;
    if (chunkId === '') {
      this.#early.push(data);
      return;
    }
    await this.#start(chunkId);
    await this.#append(data);
  }
}
