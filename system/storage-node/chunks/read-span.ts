import { crc32c } from '@node-rs/crc32';
import { BLOCK_BYTES } from './chunk-format.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { PAGE_BYTES } from './disk.ts';
import type { Slab, SlabLease } from './slab-pool.ts';

/** One page of headroom and a block; or four of those in one piece, which hold four blocks and cost one read. */
const SMALL_SLAB_BYTES = PAGE_BYTES + BLOCK_BYTES;
export const READ_SLAB_SIZES: readonly number[] = [4 * SMALL_SLAB_BYTES, SMALL_SLAB_BYTES];

/** First byte wanted of a chunk, and one past the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Verified bytes of a chunk. Valid until the next window is asked for. */
export interface Window {
  /** The bytes begin at `dataAt`. What lies before them, at least PAGE_BYTES, may be overwritten. */
  readonly memory: Buffer;
  readonly dataAt: number;
  readonly bytes: number;
  /** CRC-32C of the `bytes` bytes that begin `at` bytes into the window. */
  crc32c(at: number, bytes: number): number;
}

/**
 * The bytes of a span, in windows of one to four blocks. While one window is used the next is read, when there is
 * memory to spare. Throws ChunkError ChunkDamaged.
 */
export async function* readSpan(reader: ChunkReader, span: Span, lease: SlabLease): AsyncGenerator<Window> {
  const endBlock = span.from === span.to ? 0 : Math.ceil(span.to / BLOCK_BYTES);
  let nextBlock = span.from === span.to ? 0 : Math.floor(span.from / BLOCK_BYTES);
  /** The window in use, then the one that is read ahead. */
  const reads: BlockRead[] = [];
  const start = (slab: Slab) => {
    const read = startRead(reader, nextBlock, endBlock, slab);
    reads.push(read);
    nextBlock += read.count;
  };
  try {
    if (nextBlock < endBlock) start(lease.takeFirst());
    for (let current = reads[0]; current; current = reads[0]) {
      const crcs = await current.crcs;
      const spare = nextBlock < endBlock ? lease.take() : undefined;
      if (spare) start(spare);
      yield windowOf(current, crcs, span);
      current.slab[Symbol.dispose]();
      reads.shift();
      if (reads.length === 0 && nextBlock < endBlock) start(lease.takeFirst());
    }
  } finally {
    // The memory is not given back while the disk still writes to it.
    await Promise.allSettled(reads.map(({ crcs }) => crcs));
    for (const { slab } of reads) slab[Symbol.dispose]();
  }
}

interface BlockRead {
  readonly first: number;
  readonly count: number;
  readonly slab: Slab;
  readonly crcs: Promise<Uint32Array>;
}

function startRead(reader: ChunkReader, first: number, end: number, slab: Slab): BlockRead {
  const count = Math.min(end - first, Math.floor((slab.buffer.length - PAGE_BYTES) / BLOCK_BYTES));
  const crcs = reader.readBlocks(first, count, slab.buffer.subarray(PAGE_BYTES));
  // A failure is met when the window's turn comes; until then it must not count as unhandled.
  crcs.catch(() => {});
  return { first, count, slab, crcs };
}

function windowOf({ first, count, slab }: BlockRead, crcs: Uint32Array, { from, to }: Span): Window {
  const memory = slab.buffer;
  const firstByte = first * BLOCK_BYTES;
  const start = Math.max(from, firstByte) - firstByte;
  const end = Math.min(to, firstByte + count * BLOCK_BYTES) - firstByte;
  return {
    memory,
    dataAt: PAGE_BYTES + start,
    bytes: end - start,
    crc32c: (at, bytes) => {
      const begin = start + at;
      // A whole block's CRC is known, unless it is the last one, whose CRC covers the padding too.
      if (bytes === BLOCK_BYTES && begin % BLOCK_BYTES === 0) return crcs[begin / BLOCK_BYTES] as number;
      return crc32c(memory.subarray(PAGE_BYTES + begin, PAGE_BYTES + begin + bytes));
    },
  };
}
