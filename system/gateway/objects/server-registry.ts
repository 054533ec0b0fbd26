import type { ServerId, ServerRecord, ServerStatus } from '../placement/membership.ts';

/** What a node says of itself, by a heartbeat or when it is asked. */
export interface Heartbeat {
  readonly serverId: ServerId;
  /** host:port */
  readonly grpcAddress: string;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly totalBytes: number;
  /** Another at every start of the process; undefined when the node tells none. */
  readonly instanceId: string | undefined;
  /** The cluster that its data belongs to; undefined when it knows of none. */
  readonly clusterId: string | undefined;
}

/** The process that a server id belongs to at the moment. */
export interface ServerHolder {
  readonly status: ServerStatus;
  readonly grpcAddress: string;
  readonly instanceId: string | undefined;
}

/** What became of a heartbeat: it counts, or the id is held by another process, or was removed. */
export type HeartbeatOutcome = { readonly taken: ServerStatus } | { readonly heldBy: ServerHolder };

/** The storage servers as gateways share them: a port, implemented by metadata/. Throws as Metadata does. */
export interface ServerRegistry {
  /** Chosen at random when the database was set up. */
  clusterId(): Promise<string>;
  /** Grows whenever a server comes, goes, moves, or changes its status. */
  membershipVersion(): Promise<number>;
  /** Every server that is not removed. */
  servers(): Promise<readonly ServerRecord[]>;
  /**
   * Stores a heartbeat, and announces the server when it is new. An `inactive` server becomes `active` again; `draining` and
   * `maintenance` stay. Not taken when the server was removed, nor when another process, or one at another address, holds the
   * id, was heard of within the last `freshMs`, and is not `replaced`.
   */
  heartbeat(heartbeat: Heartbeat, freshMs: number, replaced?: ServerHolder): Promise<HeartbeatOutcome>;
  /** Marks active servers `inactive` whose last heartbeat is older than `olderThanMs`. Resolves with their ids. */
  markInactive(olderThanMs: number): Promise<readonly ServerId[]>;
  /** Replaces the operators' copy of the ring (hash_ring_nodes). */
  saveRing(points: readonly { serverId: ServerId; virtualNodeIndex: number; hashValue: bigint }[]): Promise<void>;
}
