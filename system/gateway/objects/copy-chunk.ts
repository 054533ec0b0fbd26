import { crc32c } from '@node-rs/crc32';
import { FRAME_HEADROOM_BYTES, frameData, putChunkData } from '../../../proto/data-frame.ts';
import type { ServerId } from '../placement/membership.ts';
import type { BytePace } from './byte-pace.ts';
import { FRAME_DATA_BYTES, type FramePool } from './frame-pool.ts';
import { NodeFailure } from './ports.ts';
import { type ReplicaReadDeps, ReplicaReader, type StoredChunk } from './replica-reader.ts';

export interface CopyDeps extends ReplicaReadDeps {
  readonly pool: FramePool;
  /** Without it the copy goes as fast as it can. */
  readonly pace?: BytePace;
}

/**
 * Makes one more replica of a chunk on `target`, from whichever of its replicas can be read, in constant memory.
 * Resolves when it is on the target's disk and its SHA-256 is the one expected. Throws NodeFailure or StoreError.
 */
export async function copyChunk(
  deps: CopyDeps,
  chunk: StoredChunk & { readonly sizeBytes: number; readonly sha256: string },
  target: ServerId,
  signal: AbortSignal,
): Promise<void> {
  // The memory first: a stream to the target that waits for it would be kept alive, and left open when there is none.
  const frame = await deps.pool.take(signal);
  const reader = new ReplicaReader(deps, chunk, { offset: 0, length: chunk.sizeBytes }, FRAME_DATA_BYTES, signal);
  const writer = deps.nodes.writeChunk(target, chunk.chunkId, signal);
  try {
    for (let bytes = await reader.next(); bytes !== undefined; bytes = await reader.next()) {
      signal.throwIfAborted();
      const { data } = bytes;
      const crc = crc32c(data);
      data.copy(frame, FRAME_HEADROOM_BYTES);
      bytes.giveBack();
      const { length } = data;
      await writer.write(frameData(putChunkData, frame, length, crc));
      await deps.failpoints.reach('copy.mid-way');
      await deps.pace?.spend(length, signal);
    }
    const stored = await writer.finish(chunk.sizeBytes);
    if (stored.sha256 !== chunk.sha256) throw new NodeFailure('refused', target, 'the copy of a chunk differs from it');
  } catch (error) {
    writer.abort();
    throw error;
  } finally {
    reader.cancel();
    deps.pool.give(frame);
  }
}
