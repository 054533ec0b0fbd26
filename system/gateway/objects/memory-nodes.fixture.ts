import { createHash } from 'node:crypto';
import * as wire from '../../../proto/gen/storage.ts';
import { KiB } from '../../common/bytes.ts';
import type { ServerId } from '../placement/membership.ts';
import {
  type ByteSpan,
  type ChunkReader,
  type ChunkWriter,
  NodeFailure,
  type NodeFailureKind,
  type Nodes,
} from './ports.ts';
import type { Heartbeat } from './server-registry.ts';

const BLOCK_BYTES = 256 * KiB;

/** What a node in memory does wrong, and when. */
export interface Misbehaviour {
  /** Fails a write once so many bytes of the chunk have come. */
  readonly failWriteAfterBytes?: number;
  /** Fails a read once so many bytes of the chunk have been sent. */
  readonly failReadAtOffset?: number;
  readonly kind: NodeFailureKind;
  /** Misbehaves so many times, then is well; for ever when absent. */
  readonly times?: number;
}

/** Storage nodes without a network or a disk, which fail where a test says. */
export class MemoryNodes implements Nodes {
  readonly chunks = new Map<string, Buffer>();
  readonly misbehaving = new Map<ServerId, Misbehaviour>();
  /** Offsets of damaged bytes, by `server/chunk`. */
  readonly damage = new Map<string, readonly number[]>();
  readonly readsBy: ServerId[] = [];
  /** Who answers a probe, by address. */
  readonly answers = new Map<string, Heartbeat>();
  /** Servers that were said to be back. */
  readonly returns: ServerId[] = [];
  /** Resolves before each write is taken; a test may put a gate here. */
  beforeWrite: () => Promise<void> = async () => undefined;
  /** Resolves before a message is read. */
  beforeRead: () => Promise<void> = async () => undefined;
  openReaders = 0;
  openWriters = 0;
  /** Buffers that nobody has given back. */
  lent = 0;

  chunksOn(serverId: ServerId): string[] {
    return [...this.chunks.keys()].filter((key) => key.startsWith(`${serverId}/`));
  }

  writeChunk(serverId: ServerId, chunkId: string): ChunkWriter {
    const pieces: Buffer[] = [];
    let failure: NodeFailure | undefined;
    let open = true;
    this.openWriters++;
    const close = () => {
      if (open) this.openWriters--;
      open = false;
    };
    const check = () => {
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const limit = this.misbehaving.get(serverId)?.failWriteAfterBytes;
      if (limit !== undefined && bytes >= limit) failure = this.#misbehave(serverId);
      if (failure !== undefined) throw failure;
    };
    return {
      serverId,
      write: async (frame) => {
        await this.beforeWrite();
        check();
        pieces.push(Buffer.from(wire.PutChunkRequest.decode(frame).data));
        check();
      },
      finish: async (totalBytes) => {
        check();
        const data = Buffer.concat(pieces);
        if (data.length !== totalBytes) throw new NodeFailure('refused', serverId, 'sizes disagree');
        this.chunks.set(`${serverId}/${chunkId}`, data);
        this.damage.delete(`${serverId}/${chunkId}`);
        close();
        return { sizeBytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
      },
      abort: () => {
        close();
        failure ??= new NodeFailure('cancelled', serverId, 'given up');
      },
    };
  }

  readChunk(serverId: ServerId, chunkId: string, span: ByteSpan, messageBytes: number): ChunkReader {
    this.readsBy.push(serverId);
    this.openReaders++;
    let offset = span.offset;
    let open = true;
    return {
      serverId,
      next: async () => {
        await this.beforeRead();
        if (!open) throw new NodeFailure('cancelled', serverId, 'given up');
        const data = this.chunks.get(`${serverId}/${chunkId}`);
        if (data === undefined) throw new NodeFailure('absent', serverId, 'no such chunk');
        const failAt = this.misbehaving.get(serverId)?.failReadAtOffset;
        if (failAt !== undefined && offset >= failAt) throw this.#misbehave(serverId);
        const end = Math.min(offset + messageBytes, span.offset + span.length, failAt ?? Number.POSITIVE_INFINITY);
        this.#verify(serverId, chunkId, span, offset);
        const piece = data.subarray(offset, end);
        offset = end;
        if (piece.length === 0) return undefined;
        const copy = Buffer.from(piece);
        this.lent++;
        return {
          data: copy,
          // What is read after it was given back shows as wrong bytes.
          giveBack: () => {
            this.lent--;
            copy.fill(0xee);
          },
        };
      },
      cancel: () => {
        if (open) this.openReaders--;
        open = false;
      },
    };
  }

  async deleteChunk(serverId: ServerId, chunkId: string): Promise<void> {
    const misbehaviour = this.misbehaving.get(serverId);
    if (misbehaviour !== undefined) throw this.#misbehave(serverId);
    this.chunks.delete(`${serverId}/${chunkId}`);
  }

  async verifyChunk(serverId: ServerId, chunkId: string) {
    if (this.misbehaving.has(serverId)) throw this.#misbehave(serverId);
    const data = this.chunks.get(`${serverId}/${chunkId}`);
    if (data === undefined) throw new NodeFailure('absent', serverId, 'no such chunk');
    for (let at = 0; at < data.length; at += 4 * BLOCK_BYTES) {
      this.#verify(serverId, chunkId, { offset: 0, length: data.length }, at);
    }
    return { sizeBytes: data.length, sha256: createHash('sha256').update(data).digest('hex') };
  }

  async listChunks(serverId: ServerId, afterId: string, limit: number): Promise<readonly string[]> {
    if (this.misbehaving.has(serverId)) throw this.#misbehave(serverId);
    const ids = this.chunksOn(serverId).map((key) => key.slice(serverId.length + 1));
    return ids
      .filter((id) => id > afterId)
      .sort()
      .slice(0, limit);
  }

  async probe(grpcAddress: string): Promise<Heartbeat> {
    const answer = this.answers.get(grpcAddress);
    if (answer === undefined) throw new NodeFailure('unavailable', grpcAddress, 'nobody answers');
    return answer;
  }

  update(): void {}

  returned(serverId: ServerId): void {
    this.returns.push(serverId);
  }

  isReachable(): boolean {
    return true;
  }

  /** As a node does: four blocks are verified before the first of them is sent, and no block that was not asked for. */
  #verify(serverId: ServerId, chunkId: string, span: ByteSpan, offset: number): void {
    const first = span.offset - (span.offset % BLOCK_BYTES);
    const from = offset - ((offset - first) % (4 * BLOCK_BYTES));
    const to = Math.min(from + 4 * BLOCK_BYTES, Math.ceil((span.offset + span.length) / BLOCK_BYTES) * BLOCK_BYTES);
    const offsets = this.damage.get(`${serverId}/${chunkId}`) ?? [];
    if (offsets.some((at) => at >= from && at < to)) throw new NodeFailure('damaged', serverId, 'as the test asked');
  }

  #misbehave(serverId: ServerId): NodeFailure {
    const { kind, times, ...rest } = this.misbehaving.get(serverId) ?? { kind: 'unavailable' as const };
    if (times === 1) this.misbehaving.delete(serverId);
    else if (times !== undefined) this.misbehaving.set(serverId, { ...rest, kind, times: times - 1 });
    return new NodeFailure(kind, serverId, 'as the test asked');
  }
}
