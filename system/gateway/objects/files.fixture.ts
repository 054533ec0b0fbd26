import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger, type Logger } from '../../common/log.ts';
import { systemRandom } from '../../common/random.ts';
import { VirtualClock } from '../../common/virtual-clock.ts';
import { membershipOf } from '../placement/membership.ts';
import { Placement } from '../placement/placement.ts';
import { ActiveUploads } from './active-uploads.ts';
import { Files } from './files.ts';
import { FramePool } from './frame-pool.ts';
import { MemoryMetadata } from './memory-metadata.fixture.ts';
import { MemoryNodes } from './memory-nodes.fixture.ts';
import { CHUNKS_PER_FILE, type FileRecord, type NodeFailure } from './ports.ts';
import { ShortBodies } from './short-bodies.ts';
import type { WriteDeps } from './write-file.ts';

const TiB = 1024 ** 4;

/** The use cases over nodes and metadata in memory. */
export function memoryStore(
  options: { nodes?: number; replicas?: number; minReplicas?: number; frames?: number } = {},
) {
  const { nodes: count = 6, replicas = 2, minReplicas = replicas, frames = 40 } = options;
  const clock = new VirtualClock();
  const log: Logger = createLogger('test', 'silent');
  const nodes = new MemoryNodes();
  const metadata = new MemoryMetadata();
  const placement = new Placement(CHUNKS_PER_FILE, () => true);
  placement.update(
    membershipOf(
      Array.from({ length: count }, (_, index) => ({
        serverId: `node-${index}`,
        grpcAddress: `127.0.0.1:${index + 1}`,
        status: 'active' as const,
        availableBytes: TiB,
        usedBytes: 0,
        totalBytes: TiB,
        heartbeatAgeMs: 0,
      })),
    ),
  );
  const pool = new FramePool(frames, clock);
  const failures: { chunkId: string; failure: NodeFailure }[] = [];
  const uploads = new ActiveUploads({ metadata, clock, log }, 60_000);
  const deps: WriteDeps = {
    metadata,
    nodes,
    placement,
    pool,
    uploads,
    clock,
    log,
    replicas,
    minReplicas,
    random: systemRandom,
    failpoints: noFailpoints,
    shortBodies: new ShortBodies(),
    heap: { passed: () => undefined },
    onDeletionsQueued: () => undefined,
    onReplicaFailure: (chunkId, failure) => void failures.push({ chunkId, failure }),
  };
  return { deps, files: new Files(deps), nodes, metadata, placement, pool, clock, failures, uploads };
}

/** Bytes that differ at every position that matters, so that a misplaced piece shows. */
export function numbered(bytes: number): Buffer {
  const data = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) data.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  return data;
}

export async function* inPieces(data: Buffer, pieceBytes = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += pieceBytes) yield data.subarray(at, at + pieceBytes);
}

export async function readAll(files: Files, file: FileRecord, start = 0, end = file.sizeBytes): Promise<Buffer> {
  using open = await files.read(file, { start, end }, new AbortController().signal);
  const pieces: Buffer[] = [];
  for await (const piece of open.bytes()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
