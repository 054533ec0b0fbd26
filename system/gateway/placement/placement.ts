import { type Candidate, chooseServers } from './choose.ts';
import {
  emptyMembership,
  type MembershipSnapshot,
  type ServerId,
  type ServerRecord,
  takesNewChunks,
} from './membership.ts';
import { Ring } from './ring.ts';

/** A server with less free space than this takes no new chunks, so that what it holds can still be served and repaired. */
export const FREE_BYTES_MIN = 64 * 1024 * 1024;

/** Chooses servers for new chunks from the membership that it was last given. Pure but for that. */
export class Placement {
  readonly #chunksPerFile: number;
  readonly #isReachable: (serverId: ServerId) => boolean;
  #membership: MembershipSnapshot = emptyMembership;
  #ring = new Ring([]);
  /** Bytes this gateway has placed on each server since the membership's figures. */
  #assigned = new Map<ServerId, number>();

  constructor(chunksPerFile: number, isReachable: (serverId: ServerId) => boolean) {
    this.#chunksPerFile = chunksPerFile;
    this.#isReachable = isReachable;
  }

  get membership(): MembershipSnapshot {
    return this.#membership;
  }

  get ring(): Ring {
    return this.#ring;
  }

  /** Takes over a new membership. The ring has every server that is not removed, so that short absences move nothing. */
  update(membership: MembershipSnapshot): void {
    this.#membership = membership;
    this.#assigned = new Map();
    const servers = [...membership.servers.values()];
    this.#ring = new Ring(servers.map(({ serverId, totalBytes }) => ({ serverId, capacityBytes: totalBytes })));
  }

  /** Servers for each chunk of a new file, the primary first; undefined when fewer than `minReplicas` servers can take it. */
  choose(fileId: string, bytesPerChunk: number, replicas: number, minReplicas: number): ServerId[][] | undefined {
    const candidates = this.#candidates(bytesPerChunk);
    const possible = Math.min(replicas, candidates.length);
    if (possible < minReplicas) return undefined;
    const chosen = chooseServers(this.#ring, candidates, fileId, this.#chunksPerFile, possible);
    for (const serverId of chosen?.flat() ?? []) this.#assign(serverId, bytesPerChunk);
    return chosen;
  }

  /** One more server for a chunk, not one of `avoid`; undefined when there is none. */
  chooseAnother(chunkId: string, bytes: number, avoid: ReadonlySet<ServerId>): ServerId | undefined {
    const candidates = this.#candidates(bytes).filter(({ serverId }) => !avoid.has(serverId));
    const chosen = chooseServers(this.#ring, candidates, chunkId, 1, 1)?.[0]?.[0];
    if (chosen !== undefined) this.#assign(chosen, bytes);
    return chosen;
  }

  /** How full a server is, between 0 and 1; what is placed on it now is counted. An unknown one counts as full. */
  loadOf(serverId: ServerId): number {
    const server = this.#membership.servers.get(serverId);
    return server === undefined ? 1 : this.#load(server);
  }

  /** Servers that are active, have room, and answer. */
  #candidates(bytes: number): Candidate[] {
    const fit = [...this.#membership.servers.values()].filter(
      (server) => takesNewChunks(server.status) && this.#freeBytes(server) - bytes >= FREE_BYTES_MIN,
    );
    return fit
      .filter(({ serverId }) => this.#isReachable(serverId))
      .map((server) => ({ serverId: server.serverId, load: this.#load(server) }));
  }

  #freeBytes(server: ServerRecord): number {
    return server.availableBytes - (this.#assigned.get(server.serverId) ?? 0);
  }

  #load(server: ServerRecord): number {
    return (server.usedBytes + (this.#assigned.get(server.serverId) ?? 0)) / Math.max(1, server.totalBytes);
  }

  #assign(serverId: ServerId, bytes: number): void {
    this.#assigned.set(serverId, (this.#assigned.get(serverId) ?? 0) + bytes);
  }
}
