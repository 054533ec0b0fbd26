/** A node's stable name, kept in its data directory. */
export type ServerId = string;

export type ServerStatus = 'active' | 'draining' | 'inactive' | 'removed' | 'maintenance';

export interface ServerRecord {
  readonly serverId: ServerId;
  /** host:port */
  readonly grpcAddress: string;
  readonly status: ServerStatus;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** Milliseconds since the last heartbeat, by the database's clock; null when there never was one. */
  readonly heartbeatAgeMs: number | null;
}

/** What one gateway knows of the storage servers at one moment. Immutable. */
export interface MembershipSnapshot {
  readonly servers: ReadonlyMap<ServerId, ServerRecord>;
}

export const emptyMembership: MembershipSnapshot = { servers: new Map() };

export function membershipOf(records: readonly ServerRecord[]): MembershipSnapshot {
  return { servers: new Map(records.map((record) => [record.serverId, record])) };
}

/** New chunks go only to active servers. */
export function takesNewChunks(status: ServerStatus): boolean {
  return status === 'active';
}
