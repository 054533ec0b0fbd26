import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import type { Heartbeat, Metadata, Nodes } from '../objects/ports.ts';
import { membershipOf, type ServerId, type ServerRecord, type ServerStatus } from '../placement/membership.ts';
import type { Placement } from '../placement/placement.ts';

export interface MembershipDeps {
  readonly metadata: Metadata;
  readonly nodes: Nodes;
  readonly placement: Placement;
  readonly clock: Clock;
  readonly log: Logger;
  /** Addresses of nodes that do not announce themselves. */
  readonly staticAddresses: readonly string[];
  readonly inactiveAfterMs: number;
}

/** Keeps this gateway's picture of the storage servers: PostgreSQL has the truth, this is its copy in memory. */
export class MembershipWatch {
  readonly #deps: MembershipDeps;
  /** Heartbeats that PostgreSQL was not there to take. */
  readonly #unsaved = new Map<ServerId, { readonly heartbeat: Heartbeat; readonly atMs: number }>();
  #ring = '';

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** Probes the static nodes, notes who has fallen silent, and takes over what PostgreSQL says. */
  async refresh(): Promise<void> {
    await Promise.all(this.#deps.staticAddresses.map((address) => this.#probe(address)));
    await this.#saveLate();
    const silent = await this.#deps.metadata.markInactive(this.#deps.inactiveAfterMs);
    if (silent.length > 0) this.#deps.log.warn({ servers: silent }, 'storage servers fell silent and are inactive');
    await this.#takeOver(await this.#deps.metadata.servers());
  }

  /** A node said that it is there. A new or returning one is used at once. */
  async heartbeat(heartbeat: Heartbeat): Promise<ServerStatus> {
    this.#unsaved.set(heartbeat.serverId, { heartbeat, atMs: this.#deps.clock.monotonicMs() });
    const status = await this.#deps.metadata.heartbeat(heartbeat);
    this.#unsaved.delete(heartbeat.serverId);
    const known = this.#deps.placement.membership.servers.get(heartbeat.serverId);
    if (known?.grpcAddress !== heartbeat.grpcAddress || known.status !== status) {
      this.#deps.log.info(
        { serverId: heartbeat.serverId, address: heartbeat.grpcAddress, status },
        'storage server announced',
      );
      await this.#takeOver(await this.#deps.metadata.servers());
    }
    return status;
  }

  /** After an outage of the database, so that nodes which never fell silent are not taken for dead. */
  async #saveLate(): Promise<void> {
    const { clock, metadata, inactiveAfterMs } = this.#deps;
    for (const [serverId, { heartbeat, atMs }] of this.#unsaved) {
      if (clock.monotonicMs() - atMs < inactiveAfterMs) await metadata.heartbeat(heartbeat);
      this.#unsaved.delete(serverId);
    }
  }

  async #probe(address: string): Promise<void> {
    try {
      await this.#deps.metadata.heartbeat(await this.#deps.nodes.probe(address));
    } catch (error) {
      this.#deps.log.debug({ err: error, address }, 'a storage server of the settings does not answer');
    }
  }

  async #takeOver(servers: readonly ServerRecord[]): Promise<void> {
    const membership = membershipOf(servers);
    this.#deps.nodes.update(membership);
    this.#deps.placement.update(membership);
    const points = this.#deps.placement.ring.points;
    const ring = JSON.stringify(servers.map(({ serverId, totalBytes }) => [serverId, totalBytes]).sort());
    if (ring === this.#ring) return;
    await this.#deps.metadata.saveRing(points.map((point) => ({ ...point, hashValue: BigInt(point.hashValue) })));
    this.#ring = ring;
  }
}
