import type { Metadata, Replica } from '../objects/ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent, notIdempotent } from './database.ts';
import { type ReplicaRow, replicasOf } from './replica-rows.ts';

type Deletions = Pick<Metadata, 'deletionsDone' | 'takeDueDeletions' | 'hastenDeletions'>;

/** The queue of replicas that still have to be deleted on their nodes. */
export function deletions(database: Database): Deletions {
  return {
    async deletionsDone(replicas) {
      const chunkIds = replicas.map((replica) => replica.chunkId);
      const serverIds = replicas.map((replica) => replica.serverId);
      await database.query('deletions_done', DONE, [chunkIds, serverIds], idempotent);
    },

    async takeDueDeletions(limit, leaseMs) {
      const taken: Replica[] = [];
      for (;;) {
        const room = limit - taken.length;
        const values = [room, leaseMs, ATTEMPTS_AT_AN_UNKNOWN_SERVER];
        const rows = await database.query<DueRow>('take_due_deletions', TAKE_DUE, values, notIdempotent);
        taken.push(...replicasOf(rows.filter((row) => !row.is_void)));
        // What is dropped takes no room from what is due behind it: fewer than asked for means that no more are due.
        if (rows.length < room || taken.length === limit) return taken;
      }
    },

    async hastenDeletions(serverIds, withinMs) {
      await database.query('hasten_deletions', HASTEN, [serverIds, withinMs], idempotent);
    },
  };
}

interface DueRow extends ReplicaRow {
  readonly is_void: boolean;
}

/** With leases of a minute that double, this is five hours: enough for an operator to register a server again. */
const ATTEMPTS_AT_AN_UNKNOWN_SERVER = 10;

const DONE = `
  DELETE FROM chunk_deletions d USING unnest($1::uuid[], $2::text[]) AS done (chunk_id, server_id)
  WHERE d.chunk_id = done.chunk_id AND d.server_id = done.server_id`;

const HASTEN = `
  UPDATE chunk_deletions SET not_before = now() + $2 * interval '1 millisecond'
  WHERE server_id = ANY ($1) AND not_before > now() + $2 * interval '1 millisecond'`;

// What is claimed is left alone while the claim lasts. So is a copy that its chunk's row does not list as long as one
// that it lists is in doubt: it may turn out to be the last good one.
//
// Two kinds of row are dropped instead of taken. A replica that a chunk counts on (again) must never be deleted.
// And at a server that is not registered, or was removed, nothing can be deleted: should it come back with old
// chunks, the census of orphans finds them.
const TAKE_DUE = `
  WITH due AS MATERIALIZED (
    SELECT d.chunk_id, d.server_id,
      EXISTS (SELECT FROM chunks c WHERE c.chunk_id = d.chunk_id AND d.server_id = ANY (${allReplicas('c')}))
      OR (d.attempts >= $3 AND NOT EXISTS (
        SELECT FROM storage_servers s WHERE s.server_id = d.server_id AND s.status <> 'removed')) AS is_void
    FROM chunk_deletions d
    WHERE d.not_before <= now()
      AND NOT EXISTS (
        SELECT FROM replica_claims r
        WHERE r.chunk_id = d.chunk_id AND r.server_id = d.server_id AND r.expires_at >= now())
      AND NOT EXISTS (
        SELECT FROM chunks c WHERE c.chunk_id = d.chunk_id AND c.status = 'completed' AND (
          EXISTS (SELECT FROM replica_problems p WHERE p.chunk_id = c.chunk_id)
          OR EXISTS (SELECT FROM chunk_repairs r WHERE r.chunk_id = c.chunk_id)
          OR EXISTS (SELECT FROM storage_servers s
            WHERE s.server_id = ANY (${allReplicas('c')}) AND s.status IN ('inactive', 'removed'))))
    ORDER BY d.not_before, d.enqueued_at
    LIMIT $1
    FOR UPDATE OF d SKIP LOCKED
  ), dropped AS (
    DELETE FROM chunk_deletions d USING due
    WHERE due.is_void AND d.chunk_id = due.chunk_id AND d.server_id = due.server_id
  ), taken AS (
    UPDATE chunk_deletions d
    SET attempts = d.attempts + 1,
        not_before = now() + $2 * power(2, least(d.attempts, 6)) * interval '1 millisecond'
    FROM due
    WHERE NOT due.is_void AND d.chunk_id = due.chunk_id AND d.server_id = due.server_id
  )
  SELECT chunk_id, server_id, is_void FROM due`;
