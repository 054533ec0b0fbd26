import { assert } from '../../common/assert.ts';
import type { Metadata } from '../objects/ports.ts';
import type { ServerStatus } from '../placement/membership.ts';
import { type Database, idempotent } from './database.ts';

type Servers = Pick<Metadata, 'servers' | 'heartbeat' | 'markInactive' | 'saveRing'>;

/** The storage servers as gateways share them. Ages are by the database's clock, the one that all of them have. */
export function servers(database: Database): Servers {
  return {
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

    async heartbeat({ serverId, grpcAddress, availableBytes, usedBytes, totalBytes }) {
      const values = [serverId, grpcAddress, availableBytes, usedBytes, totalBytes];
      const [row] = await database.query<{ status: ServerStatus }>('heartbeat', HEARTBEAT, values, idempotent);
      assert(row !== undefined, `the heartbeat of ${serverId} was stored and returned no row`);
      return row.status;
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

const HEARTBEAT = `
  INSERT INTO storage_servers AS s (server_id, grpc_address, available_space, used_space, total_space, last_heartbeat)
  VALUES ($1, $2, $3, $4, $5, now())
  ON CONFLICT (server_id) DO UPDATE SET
    grpc_address = excluded.grpc_address,
    available_space = excluded.available_space, used_space = excluded.used_space, total_space = excluded.total_space,
    last_heartbeat = excluded.last_heartbeat,
    status = CASE s.status WHEN 'inactive' THEN 'active' ELSE s.status END
  RETURNING status`;

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
