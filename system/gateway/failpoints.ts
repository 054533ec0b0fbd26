import type { FailpointCatalogue } from '../common/failpoint-setting.ts';

/** Where a test may break a gateway. docs/failpoints.md shows the same; a unit test keeps both true. */
export const gatewayFailpoints = {
  'write.before-reserve': {
    file: 'objects/write-file.ts',
    state: 'the client sends, the nodes are chosen; nothing is stored anywhere',
  },
  'write.after-reserve': {
    file: 'objects/write-file.ts',
    state: 'file, session and chunks are reserved in PostgreSQL; no node knows of them',
  },
  'write.first-frame': {
    file: 'objects/stripe-sender.ts',
    state: 'the first frame of an upload was handed to the nodes of one chunk',
  },
  'write.mid-unit': {
    file: 'objects/stripe-sender.ts',
    state: 'a stripe unit was sent in part',
  },
  'write.between-units': {
    file: 'objects/stripe-sender.ts',
    state: 'a stripe unit was sent whole, the next chunk is next',
  },
  'write.after-last-byte': {
    file: 'objects/write-file.ts',
    state: 'the client has sent all; no chunk is complete',
  },
  'write.before-chunk-end': {
    file: 'objects/chunk-lane.ts',
    state: 'every frame of a chunk was sent; its nodes have not been told that it ends',
  },
  'write.after-chunk-end': {
    file: 'objects/chunk-lane.ts',
    state: 'the nodes of one chunk have it on disk; other chunks may not be complete',
  },
  'replace.before-row': {
    file: 'objects/write-file.ts',
    state: 'a node failed during an upload and another was chosen; PostgreSQL does not know it',
  },
  'replace.after-row': {
    file: 'objects/write-file.ts',
    state: 'the replacement is reserved in PostgreSQL; nothing was copied',
  },
  'copy.mid-way': {
    file: 'objects/copy-chunk.ts',
    state: 'a replica is being copied from node to node; the target has a part of it',
  },
  'commit.before': {
    file: 'objects/write-file.ts',
    state: 'every replica is on disk; the file is not committed',
  },
  'commit.after': {
    file: 'objects/write-file.ts',
    state: 'the file is committed; the client was not answered',
  },
  'cancel.before': {
    file: 'objects/write-file.ts',
    state: 'an upload has failed; its rows and chunks are still there',
  },
  'cancel.after': {
    file: 'objects/write-file.ts',
    state: 'the rows of a failed upload are gone and its chunks queued for deletion; no node was asked to',
  },
  'read.before-open': {
    file: 'objects/read-file.ts',
    state: 'a file was found; no node was asked for it',
  },
  'read.after-first-bytes': {
    file: 'objects/read-file.ts',
    state: 'the first bytes of every chunk have come; the client has none',
  },
  'read.mid-stream': {
    file: 'objects/read-file.ts',
    state: 'the client has a part of the file',
  },
  'read.fail-over': {
    file: 'objects/replica-reader.ts',
    state: 'a replica failed a read; another was not yet asked',
  },
  'delete.before-rows': {
    file: 'objects/files.ts',
    state: 'a client asked for a deletion; nothing was done',
  },
  'delete.after-rows': {
    file: 'objects/files.ts',
    state: 'the rows of the file are gone and its chunks queued for deletion; the client was not answered',
  },
  'deletions.mid-way': {
    file: 'objects/chunk-deletions.ts',
    state: 'a replica was deleted on its node; it is still queued, and so are others',
  },
  'deletions.before-done': {
    file: 'objects/chunk-deletions.ts',
    state: 'a batch of replicas was deleted on the nodes; all of them are still queued',
  },
  'cleanup.before-expire': {
    file: 'maintenance/cleanup.ts',
    state: 'the lock of the job is held; expired sessions are still there',
  },
  'cleanup.after-expire': {
    file: 'maintenance/cleanup.ts',
    state: 'expired sessions are gone and their chunks queued for deletion',
  },
  'cleanup.mid-sweep': {
    file: 'objects/chunk-deletions.ts',
    state: 'queued deletions were leased to this gateway; none was carried out',
  },
  'problem.before-row': {
    file: 'objects/replica-problems.ts',
    state: 'reads have come upon bad replicas; nobody else knows of them',
  },
  'repair.surveyed': {
    file: 'maintenance/repair.ts',
    state: 'repair has counted what it has to do; nothing was repaired',
  },
  'repair.after-chunk': {
    file: 'maintenance/repair.ts',
    state: 'a chunk was made whole; the figures of the job do not count it',
  },
  'scrub.begun': {
    file: 'maintenance/scrub.ts',
    state: 'a step of the scrub begins; nothing was verified',
  },
  'scrub.mid-way': {
    file: 'maintenance/scrub.ts',
    state: 'the replicas of a chunk were verified; where the scrub has got to may not be stored',
  },
  'scrub.before-save': {
    file: 'maintenance/scrub.ts',
    state: 'a step of the scrub has verified all that it wanted; that is not stored',
  },
  'census.before-orphans': {
    file: 'maintenance/census.ts',
    state: 'a page of what a node holds was listed; its orphans are not noted',
  },
  'census.mid-way': {
    file: 'maintenance/census.ts',
    state: 'one node was compared with the rows, others were not',
  },
  'replica.claimed': {
    file: 'objects/replica-maker.ts',
    state: 'repair, rebalance or a drain has claimed a replica to make; nothing was copied',
  },
  'replica.copied': {
    file: 'objects/replica-maker.ts',
    state: 'the new replica is on its disk; the chunk does not list it',
  },
  'replica.placed': {
    file: 'objects/replica-maker.ts',
    state: 'the chunk lists the new replica, and the one it replaces is queued for deletion; the job does not know',
  },
  'rebalance.planned': {
    file: 'maintenance/rebalance.ts',
    state: 'the server that has too much, or is drained, was chosen; nothing has moved',
  },
  'rebalance.before-move': {
    file: 'maintenance/rebalance.ts',
    state: 'a replica is about to move to another server',
  },
  'rebalance.after-move': {
    file: 'maintenance/rebalance.ts',
    state: 'a replica has moved; the figures of the job do not count it',
  },
  'drain.before-removal': {
    file: 'maintenance/rebalance.ts',
    state: 'drained servers that are empty are about to be removed',
  },
  'drain.after-removal': {
    file: 'maintenance/rebalance.ts',
    state: 'a drained server is removed; no gateway has noticed',
  },
  'announce.after-row': {
    file: 'maintenance/membership-watch.ts',
    state: 'the heartbeat of a node is in PostgreSQL; the node was not answered, and this gateway may not use it yet',
  },
  's3.put.before-commit': {
    file: 'objects/put-object.ts',
    state: 'the bytes of an object are there, in memory or on every node; no version has them',
  },
  's3.put.after-commit': {
    file: 'objects/put-object.ts',
    state: 'an object has its new version; the client was not answered',
  },
  's3.delete.before-commit': {
    file: 'objects/delete-objects.ts',
    state: 'versions are about to be deleted; nothing has changed',
  },
  's3.delete.after-commit': {
    file: 'objects/delete-objects.ts',
    state: 'versions are deleted and what only they had is queued; the client was not answered',
  },
  's3.part.before-commit': {
    file: 'objects/store-part.ts',
    state: 'the bytes of a part are on every node; the upload does not have it',
  },
  's3.part.after-commit': {
    file: 'objects/store-part.ts',
    state: 'the upload has the part; the client was not answered',
  },
  's3.complete.before-commit': {
    file: 'objects/complete-upload.ts',
    state: 'the parts were found to make an object; the key is as it was',
  },
  's3.complete.after-commit': {
    file: 'objects/complete-upload.ts',
    state: 'the key has its new version and the upload is over; the client was not answered',
  },
  's3.abort.before-commit': {
    file: 'objects/abort-upload.ts',
    state: 'an upload is about to be given up; its parts are there',
  },
  's3.abort.after-commit': {
    file: 'objects/abort-upload.ts',
    state: 'the upload is gone and what its parts had is queued for deletion; the client was not answered',
  },
  's3.copy.before-commit': {
    file: 'objects/copy-object.ts',
    state: 'the source of a copy was found; the target is as it was',
  },
  's3.copy.after-commit': {
    file: 'objects/copy-object.ts',
    state: 'the target has the content of the source; the client was not answered',
  },
} as const satisfies FailpointCatalogue;

export type GatewayFailpoint = keyof typeof gatewayFailpoints;
