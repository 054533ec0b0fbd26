import { createHash } from 'node:crypto';
import type { Clock } from '../../common/clock.ts';
import type { BufferHeap } from '../../common/heap.ts';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import type { ServerId } from '../placement/membership.ts';
import type { Placement } from '../placement/placement.ts';
import { type ActiveUploads, sessionEnded } from './active-uploads.ts';
import type { SentChunk } from './chunk-lane.ts';
import { copyChunk } from './copy-chunk.ts';
import { StoreError } from './errors.ts';
import type { FramePool } from './frame-pool.ts';
import {
  CHUNKS_PER_FILE,
  type Commit,
  type FileSummary,
  type Metadata,
  type Nodes,
  type Reservation,
  type WrittenChunk,
} from './ports.ts';
import type { ReplicaReadDeps } from './replica-reader.ts';
import type { ShortBodies } from './short-bodies.ts';
import { UNIT_BYTES_MAX, unitBytesFor } from './stripe.ts';
import { StripeSender } from './stripe-sender.ts';

/** 10 GiB: the largest file. */
export const FILE_BYTES_MAX = 10 * 1024 ** 3;

export interface WriteDeps extends ReplicaReadDeps {
  readonly metadata: Metadata;
  readonly nodes: Nodes;
  readonly placement: Placement;
  readonly pool: FramePool;
  readonly shortBodies: ShortBodies;
  readonly uploads: ActiveUploads;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly replicas: number;
  /** A file is committed with fewer replicas than `replicas`, but never with fewer than this. */
  readonly minReplicas: number;
  readonly heap: Pick<BufferHeap, 'passed'>;
  /** Called when replicas have been queued for deletion. */
  readonly onDeletionsQueued: () => void;
}

export interface WriteRequest {
  readonly filename: string;
  readonly contentType: string;
  /** What the client declared, or a close upper estimate of it; null when unknown. Decides how the file is cut. */
  readonly declaredBytes: number | null;
}

/** A file whose chunks are all on disk, and that is not committed. */
export type WrittenFile = Omit<Commit, 'sha256'>;

/** What a protocol does with the bytes on their way, and with the file at the end. */
export interface FileUse<Result> {
  /** Content of an object: not listed among the files, and kept while a version refers to it. */
  readonly isObject: boolean;
  /** Sees the bytes once, in order. */
  observe(data: Buffer): void;
  /** Commits it. `undefined` when the session is not active any more. What it throws cancels the upload. */
  commit(written: WrittenFile): Promise<Result | undefined>;
}

/** Stores `body` as a file of its own under a name, with its SHA-256. Throws what storeFile throws. */
export function writeFile(
  deps: WriteDeps,
  request: WriteRequest,
  body: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<FileSummary> {
  const hash = createHash('sha256');
  return storeFile(deps, request, body, signal, {
    isObject: false,
    observe: (data) => void hash.update(data),
    commit: (written) => deps.metadata.commit({ ...written, sha256: hash.digest('hex') }),
  });
}

/**
 * Stores `body` as an immutable file. Resolves only when every chunk is on `replicas` disks and it is
 * committed. Nothing stays behind on a throw: the session is cancelled and its chunks are queued for deletion;
 * except after OutcomeUnknown, where the file may exist, whole.
 * Throws StoreError: TooLarge, TooFewNodes, StorageFailed, DatabaseUnavailable, OutcomeUnknown, and whatever
 * reading `body` and `use` throw.
 */
export async function storeFile<Result>(
  deps: WriteDeps,
  request: WriteRequest,
  body: AsyncIterable<Buffer>,
  signal: AbortSignal,
  use: FileUse<Result>,
): Promise<Result> {
  const { declaredBytes } = request;
  using short = declaredBytes === null ? await deps.shortBodies.measure(body) : undefined;
  const measured = short ?? { declaredBytes, body };
  const reservation = reserve(deps, { ...request, declaredBytes: measured.declaredBytes }, use.isObject);
  await deps.failpoints.reach('write.before-reserve');
  await deps.metadata.reserve(reservation);
  try {
    await deps.failpoints.reach('write.after-reserve');
    const written = await sendBody(deps, reservation, measured.body, signal, use);
    await deps.failpoints.reach('commit.before');
    const result = await use.commit({
      ...written,
      fileId: reservation.fileId,
      sessionId: reservation.sessionId,
    });
    if (result === undefined) throw sessionEnded();
    await deps.failpoints.reach('commit.after');
    return result;
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'OutcomeUnknown')) await giveUp(deps, reservation.sessionId);
    throw error;
  }
}

function reserve(deps: WriteDeps, request: WriteRequest, isObject: boolean): Reservation {
  const { declaredBytes } = request;
  if (declaredBytes !== null && declaredBytes > FILE_BYTES_MAX) throw tooLarge();
  const fileId = deps.random.uuid();
  const bytesPerChunk = Math.ceil((declaredBytes ?? UNIT_BYTES_MAX) / CHUNKS_PER_FILE);
  const servers = deps.placement.choose(fileId, bytesPerChunk, deps.replicas, deps.minReplicas);
  if (servers === undefined)
    throw new StoreError('TooFewNodes', 'too few storage nodes are available to store the file safely');
  return {
    fileId,
    isObject,
    sessionId: deps.random.uuid(),
    filename: request.filename,
    contentType: request.contentType,
    declaredBytes,
    unitBytes: declaredBytes === null ? UNIT_BYTES_MAX : unitBytesFor(declaredBytes),
    leaseMs: deps.uploads.leaseMs,
    chunks: servers.map((serverIds, chunkNumber) => ({ chunkId: deps.random.uuid(), chunkNumber, serverIds })),
  };
}

async function sendBody(
  deps: WriteDeps,
  reservation: Reservation,
  body: AsyncIterable<Buffer>,
  signal: AbortSignal,
  use: Pick<FileUse<unknown>, 'observe'>,
) {
  const { chunks, unitBytes, sessionId } = reservation;
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  let sizeBytes = 0;
  using _share = deps.pool.join();
  using _tracked = deps.uploads.track(sessionId, {
    receivedBytes: () => sizeBytes,
    abort: (reason) => ended.abort(reason),
  });
  const observe = (data: Buffer) => use.observe(data);
  const { nodes, pool, clock, failpoints } = deps;
  const sender = new StripeSender({ nodes, pool, clock, failpoints, chunks, unitBytes, observe, signal: either });
  try {
    for await (const piece of body) {
      sizeBytes += piece.length;
      deps.heap.passed(piece.length);
      if (sizeBytes > FILE_BYTES_MAX) throw tooLarge();
      await sender.write(piece);
    }
    await failpoints.reach('write.after-last-byte');
    const sent = await sender.finish();
    const written = await Promise.all(sent.map((chunk) => withAllReplicas(deps, sessionId, chunk, either)));
    return { sizeBytes, unitBytes, chunks: written };
  } catch (error) {
    sender.abort();
    // Once nobody wants the file any more, that is why its nodes fail.
    either.throwIfAborted();
    throw error;
  }
}

/** Replaces replicas that failed on the way by copies on other nodes, made from a replica that has the data. */
async function withAllReplicas(
  deps: WriteDeps,
  sessionId: string,
  sent: SentChunk,
  signal: AbortSignal,
): Promise<WrittenChunk> {
  const { chunkId, chunkNumber, serverIds: reserved } = sent.chunk;
  const stored = [...sent.stored];
  const avoid = new Set<ServerId>(reserved);
  while (stored.length < deps.replicas) {
    const target = deps.placement.chooseAnother(chunkId, sent.sizeBytes, avoid);
    if (target === undefined) break;
    avoid.add(target);
    try {
      await deps.failpoints.reach('replace.before-row');
      await deps.metadata.addReplica(sessionId, { chunkId, serverId: target });
      await deps.failpoints.reach('replace.after-row');
      await copyChunk(
        deps,
        { chunkId, serverIds: stored, sizeBytes: sent.sizeBytes, sha256: sent.sha256 },
        target,
        signal,
      );
      stored.push(target);
    } catch (error) {
      signal.throwIfAborted();
      deps.log.warn({ err: error, chunkId, target }, 'a replacement replica could not be written');
    }
  }
  if (stored.length >= deps.minReplicas) {
    return { chunkId, chunkNumber, sizeBytes: sent.sizeBytes, sha256: sent.sha256, serverIds: stored };
  }
  throw new StoreError('StorageFailed', 'the file could not be stored on enough nodes', sent.failed[0]);
}

async function giveUp(deps: WriteDeps, sessionId: string): Promise<void> {
  try {
    await deps.failpoints.reach('cancel.before');
    await deps.metadata.cancel(sessionId);
    await deps.failpoints.reach('cancel.after');
    deps.onDeletionsQueued();
  } catch (error) {
    // Nobody renews the session from here on, so cleanup takes it when its lease is over.
    deps.log.warn({ err: error, sessionId }, 'an upload session could not be cancelled; cleanup will');
  }
}

export function tooLarge(): StoreError {
  return new StoreError('TooLarge', `the file's size is over the limit of ${FILE_BYTES_MAX} bytes (10 GiB)`);
}
