import { crc32c } from '@node-rs/crc32';
import { FRAME_HEADROOM_BYTES, frameData, putChunkData } from '../../../proto/data-frame.ts';
import { assert } from '../../common/assert.ts';
import type { Clock, Timer } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import { ChunkLane, type SentChunk } from './chunk-lane.ts';
import { FRAME_DATA_BYTES, type FramePool } from './frame-pool.ts';
import { CHUNKS_PER_FILE, type Nodes, type ReservedChunk } from './ports.ts';

/** One upload never has more frames under way than a stripe of the largest units: all six nodes are then busy. */
const FRAMES_PER_UPLOAD_MAX = 24;
/**
 * A frame is sent, full or not, this long after it was taken: otherwise clients that send a byte a minute would
 * together hold the memory of all uploads, and nobody else could send anything.
 */
const FRAME_HELD_MS_MAX = 250;

export interface StripeSenderOptions {
  readonly nodes: Nodes;
  readonly pool: FramePool;
  readonly clock: Clock;
  readonly failpoints: Failpoints<GatewayFailpoint>;
  readonly chunks: readonly ReservedChunk[];
  readonly unitBytes: number;
  /** Sees the bytes of the file once, in order; for the whole file's hash. */
  readonly observe: (data: Buffer) => void;
  readonly signal: AbortSignal;
}

/** Cuts a stream of bytes into stripe units and sends them to the six chunks, holding a bounded number of frames. */
export class StripeSender {
  readonly #options: StripeSenderOptions;
  readonly #lanes: readonly ChunkLane[];
  readonly #lost = new AbortController();
  readonly #signal: AbortSignal;
  #frame: Buffer | undefined;
  #frameBytes = 0;
  #frameAge: Timer | undefined;
  #unit = 0;
  #unitBytes = 0;
  #underWay = 0;
  #sentFrames = 0;
  #wake: (() => void) | undefined;

  constructor(options: StripeSenderOptions) {
    assert(
      options.chunks.length === CHUNKS_PER_FILE,
      `${options.chunks.length} chunks reserved, expected ${CHUNKS_PER_FILE}`,
    );
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#lost.signal]);
    const onLost = (error: unknown) => this.#lost.abort(error);
    this.#lanes = options.chunks.map((chunk) => new ChunkLane(options, chunk, options.signal, onLost));
  }

  /** Takes the next bytes of the file; waits while too much is under way. Rejects when a chunk has lost all its nodes. */
  async write(piece: Buffer): Promise<void> {
    let at = 0;
    while (at < piece.length) {
      this.#frame ??= await this.#beginFrame();
      const room = Math.min(FRAME_DATA_BYTES - this.#frameBytes, this.#options.unitBytes - this.#unitBytes);
      const end = Math.min(at + room, piece.length);
      piece.copy(this.#frame, FRAME_HEADROOM_BYTES + this.#frameBytes, at, end);
      this.#frameBytes += end - at;
      this.#unitBytes += end - at;
      at = end;
      const unitIsFull = this.#unitBytes === this.#options.unitBytes;
      if (!unitIsFull && this.#frameBytes < FRAME_DATA_BYTES) continue;
      this.#sendFrame();
      if (unitIsFull) this.#startNextUnit();
      const reached = this.#reach(unitIsFull);
      if (reached !== undefined) await reached;
    }
  }

  /** Sends what is left, and resolves once every chunk is on the disks of the nodes that are left, in order of number. */
  async finish(): Promise<SentChunk[]> {
    if (this.#frame !== undefined) this.#sendFrame();
    this.#signal.throwIfAborted();
    return Promise.all(this.#lanes.map((lane) => lane.finish()));
  }

  /** Gives up and takes back its memory once the transport no longer uses it. Harmless after finish(). */
  abort(): void {
    this.#frameAge?.cancel();
    for (const lane of this.#lanes) lane.abort();
    if (this.#frame !== undefined) this.#options.pool.give(this.#frame);
    this.#frame = undefined;
  }

  async #beginFrame(): Promise<Buffer> {
    const frame = await this.#nextFrame();
    // Frames are filled without a pause, so one that is still there then waits for the client.
    this.#frameAge = this.#options.clock.after(FRAME_HELD_MS_MAX, () => this.#sendFrame());
    return frame;
  }

  async #nextFrame(): Promise<Buffer> {
    while (this.#underWay >= Math.min(FRAMES_PER_UPLOAD_MAX, this.#options.pool.share)) await this.#oneIsBack();
    return this.#options.pool.take(this.#signal);
  }

  #sendFrame(): void {
    const frame = this.#frame;
    assert(frame !== undefined, 'there is no frame to send');
    this.#frameAge?.cancel();
    const data = frame.subarray(FRAME_HEADROOM_BYTES, FRAME_HEADROOM_BYTES + this.#frameBytes);
    const message = frameData(putChunkData, frame, this.#frameBytes, crc32c(data));
    this.#underWay++;
    this.#sentFrames++;
    // The lane remembers its own failure and finish() meets it; here only the memory matters.
    void this.#laneOf(this.#unit)
      .send(message, this.#frameBytes)
      .catch(() => undefined)
      .then(() => this.#takeBack(frame));
    this.#options.observe(data);
    this.#frame = undefined;
    this.#frameBytes = 0;
  }

  /** Undefined, as nearly always, is not waited for: this runs once a frame. */
  #reach(unitIsFull: boolean): Promise<void> | undefined {
    const { failpoints } = this.#options;
    const first = this.#sentFrames === 1 ? failpoints.reach('write.first-frame') : undefined;
    return first ?? failpoints.reach(unitIsFull ? 'write.between-units' : 'write.mid-unit');
  }

  #startNextUnit(): void {
    this.#unit = (this.#unit + 1) % CHUNKS_PER_FILE;
    this.#unitBytes = 0;
  }

  #laneOf(unit: number): ChunkLane {
    const lane = this.#lanes[unit];
    assert(lane !== undefined, `there is no chunk ${unit}`);
    return lane;
  }

  #takeBack(frame: Buffer): void {
    this.#underWay--;
    this.#options.pool.give(frame);
    this.#wake?.();
  }

  #oneIsBack(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) return reject(this.#signal.reason);
      const onAbort = () => reject(this.#signal.reason);
      this.#signal.addEventListener('abort', onAbort, { once: true });
      this.#wake = () => {
        this.#signal.removeEventListener('abort', onAbort);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
