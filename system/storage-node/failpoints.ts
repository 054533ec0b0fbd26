import type { FailpointCatalogue } from '../common/failpoint-setting.ts';

/** Where a test may break a storage node. docs/failpoints.md shows the same; a unit test keeps both true. */
export const nodeFailpoints = {
  'put.after-create': {
    file: 'grpc/put-chunk.ts',
    state: 'the temporary file of a chunk exists and is empty',
  },
  'put.mid-write': {
    file: 'chunks/chunk-put.ts',
    state: 'a part of a chunk was taken; the temporary file may hold any of it',
  },
  'put.before-flush': {
    file: 'chunks/chunk-writer.ts',
    state: 'the temporary file is complete; the disk may not have it',
  },
  'put.after-flush': {
    file: 'chunks/chunk-put.ts',
    state: 'the temporary file is complete and on the disk',
  },
  'put.after-rename': {
    file: 'chunks/chunk-store.ts',
    state: 'the chunk has its place; a power cut could still take its name',
  },
  'put.before-answer': {
    file: 'grpc/put-chunk.ts',
    state: 'the chunk would survive a power cut; the gateway was not answered',
  },
  'get.after-open': {
    file: 'grpc/get-chunk.ts',
    state: 'a chunk was opened for reading; nothing was sent',
  },
  'get.mid-stream': {
    file: 'grpc/get-chunk.ts',
    state: 'a part of a chunk was sent',
  },
  'delete.before-unlink': {
    file: 'chunks/chunk-store.ts',
    state: 'a chunk is about to be deleted',
  },
  'delete.after-unlink': {
    file: 'chunks/chunk-store.ts',
    state: 'a chunk was deleted; the gateway was not answered',
  },
  'list.mid-way': {
    file: 'grpc/list-chunks.ts',
    state: 'a part of the list of chunks was sent',
  },
  'verify.before-answer': {
    file: 'grpc/verify-chunk.ts',
    state: 'a chunk was read whole and found undamaged; the gateway was not answered',
  },
  'sweep.mid-way': {
    file: 'chunks/data-dir.ts',
    state: 'at the start, one of the temporary files that a crash left was removed',
  },
  'heartbeat.before': {
    file: 'heartbeat/heartbeat.ts',
    state: 'the node is about to tell a gateway that it is there',
  },
} as const satisfies FailpointCatalogue;

export type NodeFailpoint = keyof typeof nodeFailpoints;
