import type { Replica } from '../objects/ports.ts';

export interface ReplicaRow {
  readonly chunk_id: string;
  readonly server_id: string;
}

export function replicasOf(rows: readonly ReplicaRow[]): Replica[] {
  return rows.map((row) => ({ chunkId: row.chunk_id, serverId: row.server_id }));
}
