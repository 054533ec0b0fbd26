import type { ClaimOutcome, ReplicaMoves } from '../objects/replica-ports.ts';
import { allReplicas } from './all-replicas.ts';
import { type Database, idempotent, notIdempotent } from './database.ts';

/** Making, moving and dropping replicas of completed chunks. Each step is one conditional statement. */
export function replicaMoves(database: Database): ReplicaMoves {
  return {
    async claimReplica({ chunkId, serverId }, leaseMs) {
      const values = [chunkId, serverId, leaseMs];
      const [row] = await database.query<{ outcome: ClaimOutcome }>('claim_replica', CLAIM, values, notIdempotent);
      if (row?.outcome !== 'claimed') return row?.outcome ?? 'gone';
      const outcome = await database.query('keep_claim', KEEP_CLAIM, [chunkId, serverId], idempotent);
      return outcome.length > 0 ? 'claimed' : 'busy';
    },

    async renewClaim({ chunkId, serverId }, leaseMs) {
      const values = [chunkId, serverId, leaseMs];
      return (await database.query('renew_claim', RENEW, values, idempotent)).length > 0;
    },

    async placeReplica({ chunkId, serverId }, instead) {
      const values = [chunkId, serverId, instead ?? null];
      const [row] = await database.query<{ placed: boolean }>('place_replica', PLACE, values, notIdempotent);
      return row?.placed === true;
    },

    async abandonReplica({ chunkId, serverId }) {
      await database.query('abandon_replica', ABANDON, [chunkId, serverId], idempotent);
    },

    async expireClaims(limit) {
      const [row] = await database.query<{ ended: number }>('expire_claims', EXPIRE, [limit], notIdempotent);
      return row?.ended ?? 0;
    },

    async dropReplica({ chunkId, serverId }, kept) {
      const values = [chunkId, serverId, kept];
      return (await database.query('drop_replica', DROP, values, notIdempotent)).length > 0;
    },
  };
}

// A deletion is under way from being taken until its lease is over (TAKE_DUE in deletions.ts). Its row is locked here,
// since a statement that only looked could miss that it is being taken at this moment.
const CLAIM = `
  WITH chunk AS MATERIALIZED (
    SELECT chunk_id FROM chunks WHERE chunk_id = $1 AND status = 'completed'
  ), queued AS MATERIALIZED (
    SELECT attempts > 0 AND not_before > now() AS is_under_way FROM chunk_deletions
    WHERE chunk_id = $1 AND server_id = $2 FOR UPDATE
  ), claimed AS (
    INSERT INTO replica_claims AS c (chunk_id, server_id, expires_at)
    SELECT chunk_id, $2, now() + $3 * interval '1 millisecond' FROM chunk
    WHERE NOT EXISTS (SELECT FROM queued WHERE is_under_way)
    ON CONFLICT (chunk_id, server_id) DO UPDATE SET expires_at = excluded.expires_at WHERE c.expires_at < now()
    RETURNING c.chunk_id
  )
  SELECT CASE WHEN EXISTS (SELECT FROM claimed) THEN 'claimed' ELSE 'busy' END AS outcome FROM chunk`;

// A deletion that was queued while the claim waited for another claim's row is not in that statement's snapshot, and may have been taken
// as well. From here on none is taken, since the claim is there: one that was is seen, and the claim given up for it.
const KEEP_CLAIM = `
  WITH queued AS MATERIALIZED (
    SELECT attempts > 0 AND not_before > now() AS is_under_way FROM chunk_deletions
    WHERE chunk_id = $1 AND server_id = $2 FOR UPDATE
  ), taken_back AS (
    DELETE FROM chunk_deletions d USING queued
    WHERE d.chunk_id = $1 AND d.server_id = $2 AND NOT queued.is_under_way
  ), given_up AS (
    DELETE FROM replica_claims r USING queued
    WHERE r.chunk_id = $1 AND r.server_id = $2 AND queued.is_under_way
  )
  SELECT WHERE NOT EXISTS (SELECT FROM queued WHERE is_under_way)`;

const RENEW = `
  UPDATE replica_claims SET expires_at = now() + $3 * interval '1 millisecond'
  WHERE chunk_id = $1 AND server_id = $2 RETURNING chunk_id`;

// The claim's row decides against its expiry, the chunk's row against the deletion of its file and against other moves.
const PLACE = `
  WITH claim AS MATERIALIZED (
    SELECT chunk_id FROM replica_claims WHERE chunk_id = $1 AND server_id = $2 FOR UPDATE
  ), chunk AS MATERIALIZED (
    SELECT c.chunk_id, ${allReplicas('c')} AS servers FROM chunks c JOIN claim USING (chunk_id)
    WHERE c.status = 'completed' AND ($3::text IS NULL OR $3 = ANY (${allReplicas('c')})) FOR UPDATE OF c
  ), changed AS MATERIALIZED (
    SELECT chunk_id, CASE
      WHEN $2 = ANY (servers) THEN array_remove(servers, $3)
      WHEN $3 IS NULL THEN array_append(servers, $2)
      ELSE array_replace(servers, $3, $2) END AS servers
    FROM chunk
  ), placed AS (
    UPDATE chunks c SET storage_server_id = changed.servers[1], replica_server_ids = changed.servers
    FROM changed WHERE c.chunk_id = changed.chunk_id
  ), cleared AS (
    DELETE FROM replica_problems p USING changed
    WHERE p.chunk_id = changed.chunk_id AND (p.server_id = $2 OR p.server_id = $3)
  ), needless AS (
    INSERT INTO chunk_deletions (chunk_id, server_id)
    SELECT $1, server_id FROM (
      SELECT $3 AS server_id WHERE EXISTS (SELECT FROM changed)
      UNION ALL SELECT $2 WHERE NOT EXISTS (SELECT FROM changed)) AS n
    WHERE server_id IS NOT NULL
    ON CONFLICT DO NOTHING
  ), ended AS (
    DELETE FROM replica_claims r USING claim WHERE r.chunk_id = claim.chunk_id AND r.server_id = $2
  )
  SELECT EXISTS (SELECT FROM changed) AS placed`;

// TAKE_DUE drops what a row lists by then, so a replica that is being placed at this moment is safe.
const endClaims = `
  ended AS (
    DELETE FROM replica_claims r USING over WHERE r.chunk_id = over.chunk_id AND r.server_id = over.server_id
    RETURNING r.chunk_id, r.server_id
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id)
    SELECT ended.chunk_id, ended.server_id FROM ended
    WHERE NOT EXISTS (
      SELECT FROM chunks c WHERE c.chunk_id = ended.chunk_id AND ended.server_id = ANY (${allReplicas('c')}))
    ON CONFLICT DO NOTHING
  )`;

const ABANDON = `
  WITH over AS (SELECT $1::uuid AS chunk_id, $2::text AS server_id), ${endClaims}
  SELECT FROM ended`;

const EXPIRE = `
  WITH over AS MATERIALIZED (
    SELECT chunk_id, server_id FROM replica_claims WHERE expires_at < now()
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ), ${endClaims}
  SELECT count(*) AS ended FROM ended`;

const DROP = `
  WITH chunk AS MATERIALIZED (
    SELECT c.chunk_id, array_remove(${allReplicas('c')}, $2) AS servers FROM chunks c
    WHERE c.chunk_id = $1 AND c.status = 'completed' AND cardinality($3::text[]) > 0
      AND ${allReplicas('c')} @> array_append($3::text[], $2)
      AND NOT EXISTS (SELECT FROM replica_problems p WHERE p.chunk_id = $1 AND p.server_id = ANY ($3))
    FOR UPDATE OF c
  ), dropped AS (
    UPDATE chunks c SET storage_server_id = chunk.servers[1], replica_server_ids = chunk.servers
    FROM chunk WHERE c.chunk_id = chunk.chunk_id
    RETURNING c.chunk_id
  ), cleared AS (
    DELETE FROM replica_problems p USING dropped WHERE p.chunk_id = dropped.chunk_id AND p.server_id = $2
  ), queued AS (
    INSERT INTO chunk_deletions (chunk_id, server_id) SELECT chunk_id, $2 FROM dropped ON CONFLICT DO NOTHING
  )
  SELECT chunk_id FROM dropped`;
