import { assert } from '../../common/assert.ts';
import { KiB } from '../../common/bytes.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import type { ByteRange } from './byte-range.ts';
import { CHUNKS_PER_FILE, type FileRecord, type LentBytes } from './ports.ts';
import { type ReplicaReadDeps, ReplicaReader } from './replica-reader.ts';
import { bytesInChunk, piecesOf } from './stripe.ts';

/** A range of a file whose first bytes have arrived. Dispose it, whether or not its bytes were read. */
export interface OpenFile extends Disposable {
  /** The bytes of the range, in order, each piece good until the next is asked for; to be iterated once. Throws StoreError DataUnavailable or DataDamaged, and the signal's reason. */
  bytes(): AsyncGenerator<Buffer, void, undefined>;
}

/**
 * Opens a range of a completed file: resolves once the first bytes of every chunk concerned have arrived, so that
 * a file that cannot be read fails before its headers are sent, and one that is deleted meanwhile is still
 * read whole (the nodes hold the chunks open). All six chunks are fetched side by side, one message ahead each.
 */
export async function openFile(
  deps: ReplicaReadDeps,
  file: FileRecord,
  range: ByteRange,
  messageBytes: number,
  signal: AbortSignal,
): Promise<OpenFile> {
  assert(
    file.chunks.length === CHUNKS_PER_FILE,
    `file ${file.fileId} has ${file.chunks.length} chunks, expected ${CHUNKS_PER_FILE}`,
  );
  await deps.failpoints.reach('read.before-open');
  const lanes = file.chunks.map((chunk) => {
    const offset = bytesInChunk(range.start, file.unitBytes, chunk.chunkNumber);
    const length = bytesInChunk(range.end, file.unitBytes, chunk.chunkNumber) - offset;
    return new ReadAhead(new ReplicaReader(deps, chunk, { offset, length }, messageBytes, signal));
  });
  const close = () => {
    for (const lane of lanes) lane.cancel();
  };
  try {
    await Promise.all(lanes.map((lane) => lane.ready()));
    await deps.failpoints.reach('read.after-first-bytes');
  } catch (error) {
    close();
    throw reasonOf(error, signal);
  }
  return { bytes: () => interleave(lanes, file.unitBytes, range, deps.failpoints, signal), [Symbol.dispose]: close };
}

/** The size of the messages to ask of the nodes when `readers` clients read at once: memory is messages x 12 x readers. */
export function readMessageBytes(readers: number): number {
  if (readers <= 2) return 256 * KiB;
  if (readers <= 8) return 128 * KiB;
  return readers <= 24 ? 32 * KiB : 16 * KiB;
}

async function* interleave(
  lanes: readonly ReadAhead[],
  unitBytes: number,
  range: ByteRange,
  failpoints: Failpoints<GatewayFailpoint>,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for (const { chunkNumber, bytes } of piecesOf(range.start, range.end, unitBytes)) {
      const lane = lanes[chunkNumber];
      assert(lane !== undefined, `there is no chunk ${chunkNumber}`);
      let missing = bytes;
      while (missing > 0) {
        const piece = await lane.take(missing);
        missing -= piece.length;
        yield piece;
        const reached = failpoints.reach('read.mid-stream');
        if (reached !== undefined) await reached;
      }
    }
  } catch (error) {
    throw reasonOf(error, signal);
  }
}

/** When nobody wants the bytes any more, that is why their calls to the nodes fail. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : error;
}

/** Holds the message that is being handed out, and asks for the next as soon as that one is begun. */
class ReadAhead {
  readonly #reader: ReplicaReader;
  #current: LentBytes | undefined;
  #usedBytes = 0;
  #next: Promise<LentBytes | undefined>;

  constructor(reader: ReplicaReader) {
    this.#reader = reader;
    this.#next = this.#fetch();
  }

  async ready(): Promise<void> {
    await this.#next;
  }

  /** Between one and `bytesMax` bytes, which are good until the next call. */
  async take(bytesMax: number): Promise<Buffer> {
    if (this.#current === undefined || this.#usedBytes === this.#current.data.length) await this.#advance();
    assert(this.#current !== undefined, 'a chunk ended before the range that was asked of it');
    const piece = this.#current.data.subarray(this.#usedBytes, this.#usedBytes + bytesMax);
    this.#usedBytes += piece.length;
    return piece;
  }

  cancel(): void {
    this.#reader.cancel();
    this.#current?.giveBack();
    this.#current = undefined;
    const giveBack = (bytes: LentBytes | undefined) => bytes?.giveBack();
    this.#next.then(giveBack, () => undefined);
    this.#next = Promise.resolve(undefined);
  }

  async #advance(): Promise<void> {
    this.#current?.giveBack();
    this.#current = undefined;
    this.#current = await this.#next;
    this.#usedBytes = 0;
    this.#next = this.#fetch();
  }

  #fetch(): Promise<LentBytes | undefined> {
    const fetched = this.#reader.next();
    // Whoever takes it next sees the failure; until then it is not an unhandled one.
    fetched.catch(() => undefined);
    return fetched;
  }
}
