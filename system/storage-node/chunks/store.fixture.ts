import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../common/clock.ts';
import { systemClock } from '../../common/clock.ts';
import { noFailpoints } from '../../common/failpoint.ts';
import { createLogger } from '../../common/log.ts';
import { systemRandom } from '../../common/random.ts';
import { WRITE_SLAB_SIZES } from './aligned-appender.ts';
import { parseChunkId } from './chunk-id.ts';
import { ChunkStore, type StoredChunk } from './chunk-store.ts';
import { type DataDir, prepareDataDir } from './data-dir.ts';
import type { Disk } from './disk.ts';
import { READ_SLAB_SIZES, readSpan } from './read-span.ts';
import { SlabPool } from './slab-pool.ts';
import { SpaceLedger } from './space-ledger.ts';
import { systemDisk } from './system-disk.ts';

/** A store in a temporary directory of its own, for tests. */
export interface TestStore extends AsyncDisposable {
  readonly store: ChunkStore;
  readonly dir: DataDir;
  readonly ledger: SpaceLedger;
  readonly writeSlabs: SlabPool;
  readonly readSlabs: SlabPool;
}

export interface TestStoreOptions {
  readonly disk?: Disk;
  readonly quotaBytes?: number;
  readonly clock?: Clock;
  readonly io?: 'direct' | 'buffered';
  readonly root?: string;
  readonly writersMax?: number;
}

export async function testStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const disk = options.disk ?? systemDisk;
  const root = options.root ?? (await temporaryDirectory());
  const dir = await prepareDataDir(systemDisk, root);
  const ledger = new SpaceLedger(options.quotaBytes);
  const writeSlabs = new SlabPool(
    systemDisk.alignedMemory(4 * 1024 * 1024),
    WRITE_SLAB_SIZES,
    options.writersMax ?? 64,
  );
  const readSlabs = new SlabPool(systemDisk.alignedMemory(16 * (READ_SLAB_SIZES[0] as number)), READ_SLAB_SIZES, 16);
  const store = await ChunkStore.open({
    disk,
    dir,
    writeSlabs,
    readSlabs,
    ledger,
    io: options.io ?? 'buffered',
    clock: options.clock ?? systemClock,
    random: systemRandom,
    log: createLogger('test', 'silent'),
    failpoints: noFailpoints,
  });
  return {
    store,
    dir,
    ledger,
    writeSlabs,
    readSlabs,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sextant-node-'));
}

const NEVER = new AbortController().signal;

/** Stores `data`, appended in pieces of `pieceBytes`. */
export async function putBytes(
  store: ChunkStore,
  id: string,
  data: Uint8Array,
  { pieceBytes = 100_000, signal = NEVER, check = () => {} } = {},
): Promise<StoredChunk> {
  await using put = await store.startPut(parseChunkId(id));
  for (let at = 0; at < data.length; at += pieceBytes) await put.append(data.subarray(at, at + pieceBytes));
  return await store.commit(put, check, signal);
}

/** The bytes of a chunk, or of a span of it, as a client would get them. */
export async function getBytes(store: ChunkStore, id: string, from = 0, to?: number): Promise<Buffer> {
  using lease = store.admitReader();
  await using reader = await store.read(parseChunkId(id), lease);
  const parts: Buffer[] = [];
  for await (const { memory, dataAt, bytes } of readSpan(reader, { from, to: to ?? reader.sizeBytes }, lease)) {
    parts.push(Buffer.from(memory.subarray(dataAt, dataAt + bytes)));
  }
  return Buffer.concat(parts);
}

/** Every file below the directories of chunks and temporaries, without the names of the shards. */
export async function filesIn({ dir }: { dir: DataDir }): Promise<{ chunks: string[]; tmp: string[] }> {
  const shards = await readdir(dir.chunks);
  const chunks = await Promise.all(shards.map((shard) => readdir(join(dir.chunks, shard))));
  return { chunks: chunks.flat().sort(), tmp: await readdir(dir.tmp) };
}
