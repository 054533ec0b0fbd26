import { crc32c } from '@node-rs/crc32';
import { ChunkError } from './chunk-error.ts';

export const CHUNK_ID_CHARACTERS_MAX = 200;
const CHUNK_ID = /^[A-Za-z0-9_-]{1,200}$/;

/** The id of a chunk that has been checked: 1-200 letters, digits, '-' and '_'. Safe as a file name. */
export type ChunkId = string & { readonly __chunkId: true };

export function isChunkId(text: string): text is ChunkId {
  return CHUNK_ID.test(text);
}

/** Throws ChunkError InvalidRequest. */
export function parseChunkId(text: string): ChunkId {
  if (isChunkId(text)) return text;
  if (text === '') throw new ChunkError('InvalidRequest', 'chunk_id is missing');
  if (text.length > CHUNK_ID_CHARACTERS_MAX) {
    throw new ChunkError(
      'InvalidRequest',
      `chunk_id has ${text.length} characters; at most ${CHUNK_ID_CHARACTERS_MAX} are allowed`,
    );
  }
  throw new ChunkError('InvalidRequest', "chunk_id may hold only letters, digits, '-' and '_'");
}

const SHARD_COUNT = 256;

/** Names of the directories that chunk files are spread over, so that none grows too large. */
export const shardNames: readonly string[] = Array.from({ length: SHARD_COUNT }, (_, shard) => shardName(shard));

/** The directory of a chunk's file. By hash, because ids of other programs may all begin alike. */
export function shardOf(id: ChunkId): string {
  return shardName(crc32c(id) % SHARD_COUNT);
}

function shardName(shard: number): string {
  return shard.toString(16).padStart(2, '0');
}
