import { assert } from '../../common/assert.ts';
import type { Heartbeat, ServerHolder, ServerRegistry } from '../objects/server-registry.ts';
import type { ServerStatus } from '../placement/membership.ts';
import { type Database, idempotent } from './database.ts';

/** The storage servers as gateways share them. Ages are by the database's clock, the one that all of them have. */
export function servers(database: Database): ServerRegistry {
  return {
    async clusterId() {
      const rows = await database.query<{ cluster_id: string }>('cluster_id', CLUSTER_ID, [], idempotent);
      const [row] = rows;
      assert(row !== undefined, 'the table cluster is empty; it must have the one row that its migration made');
      return row.cluster_id;
    },

    async membershipVersion() {
      const rows = await database.query<{ version: number }>('membership_version', VERSION, [], idempotent);
      return rows[0]?.version ?? 0;
    },

    async servers() {
      const rows = await database.query<ServerRow>('servers', SERVERS, [], idempotent);
      return rows.map((row) => ({
        serverId: row.server_id,
        grpcAddress: row.grpc_address,
        status: row.status,
        availableBytes: row.available_space,
        usedBytes: row.used_space,
        totalBytes: row.total_space,
        heartbeatAgeMs: row.heartbeat_age_ms,
      }));
    },

    async heartbeat(heartbeat, freshMs, replaced) {
      const values = heartbeatValues(heartbeat, freshMs, replaced);
      const [row] = await database.query<{ status: ServerStatus }>('heartbeat', HEARTBEAT, values, idempotent);
      if (row !== undefined) return { taken: row.status };
      const [holder] = await database.query<HolderRow>('holder', HOLDER, [heartbeat.serverId], idempotent);
      // Rows are deleted by operators alone.
      assert(holder !== undefined, `the row of ${heartbeat.serverId} was deleted while its heartbeat was stored`);
      const { status, grpc_address: grpcAddress, instance_id: instanceId } = holder;
      return { heldBy: { status, grpcAddress, instanceId: instanceId ?? undefined } };
    },

    async markInactive(olderThanMs) {
      const rows = await database.query<{ server_id: string }>(
        'mark_inactive',
        MARK_INACTIVE,
        [olderThanMs],
        idempotent,
      );
      return rows.map((row) => row.server_id);
    },

    async saveRing(points) {
      const serverIds = points.map((point) => point.serverId);
      const indexes = points.map((point) => point.virtualNodeIndex);
      const hashes = points.map((point) => point.hashValue);
      await database.transaction('save_ring', idempotent, async (query) => {
        // Without this, each of two gateways would keep the rows that the other one inserts at the same moment.
        await query(`SELECT pg_advisory_xact_lock(hashtextextended('sextant ring', 0))`, []);
        await query(REMOVE_POINTS, [serverIds, indexes]);
        await query(SAVE_POINTS, [serverIds, indexes, hashes]);
      });
    },
  };
}

const CLUSTER_ID = 'SELECT cluster_id FROM cluster';

const VERSION = 'SELECT membership_version AS version FROM cluster';

interface ServerRow {
  readonly server_id: string;
  readonly grpc_address: string;
  readonly status: ServerStatus;
  readonly available_space: number;
  readonly used_space: number;
  readonly total_space: number;
  readonly heartbeat_age_ms: number | null;
}

const SERVERS = `
  SELECT server_id, grpc_address, status, available_space, used_space, total_space,
    (extract(epoch FROM now() - last_heartbeat) * 1000)::float8 AS heartbeat_age_ms
  FROM storage_servers WHERE status <> 'removed' ORDER BY server_id`;

function heartbeatValues(heartbeat: Heartbeat, freshMs: number, replaced: ServerHolder | undefined): unknown[] {
  const { serverId, grpcAddress, availableBytes, usedBytes, totalBytes, instanceId } = heartbeat;
  const figures = [availableBytes, usedBytes, totalBytes];
  const holder = [replaced?.grpcAddress ?? null, replaced?.instanceId ?? null];
  return [serverId, grpcAddress, ...figures, instanceId ?? null, freshMs, ...holder];
}

// A process that tells no instance is known by its address alone.
const HEARTBEAT = `
  INSERT INTO storage_servers AS s
    (server_id, grpc_address, available_space, used_space, total_space, instance_id, last_heartbeat)
  VALUES ($1, $2, $3, $4, $5, $6, now())
  ON CONFLICT (server_id) DO UPDATE SET
    grpc_address = excluded.grpc_address, instance_id = excluded.instance_id,
    available_space = excluded.available_space, used_space = excluded.used_space, total_space = excluded.total_space,
    last_heartbeat = excluded.last_heartbeat,
    status = CASE s.status WHEN 'inactive' THEN 'active' ELSE s.status END
  WHERE s.status <> 'removed' AND (
    (s.grpc_address = excluded.grpc_address
      AND (s.instance_id = excluded.instance_id OR s.instance_id IS NULL OR excluded.instance_id IS NULL))
    OR coalesce(s.last_heartbeat, '-infinity') < now() - $7 * interval '1 millisecond'
    OR (s.grpc_address = $8 AND s.instance_id IS NOT DISTINCT FROM $9))
  RETURNING status`;

interface HolderRow {
  readonly status: ServerStatus;
  readonly grpc_address: string;
  readonly instance_id: string | null;
}

const HOLDER = 'SELECT status, grpc_address, instance_id FROM storage_servers WHERE server_id = $1';

const MARK_INACTIVE = `
  UPDATE storage_servers SET status = 'inactive'
  WHERE status = 'active' AND coalesce(last_heartbeat, created_at) < now() - $1 * interval '1 millisecond'
  RETURNING server_id`;

const REMOVE_POINTS = `
  DELETE FROM hash_ring_nodes h WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::int[]) AS p (server_id, virtual_node_index)
    WHERE p.server_id = h.server_id AND p.virtual_node_index = h.virtual_node_index)`;

const SAVE_POINTS = `
  INSERT INTO hash_ring_nodes AS h (server_id, virtual_node_index, hash_value)
  SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
  ON CONFLICT (server_id, virtual_node_index) DO UPDATE SET hash_value = excluded.hash_value
  WHERE h.hash_value <> excluded.hash_value`;
