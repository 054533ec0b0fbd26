import type { Logger } from '../../common/log.ts';
import type { Heartbeat, Metadata, Nodes } from '../objects/ports.ts';
import { membershipOf, type ServerRecord, type ServerStatus } from '../placement/membership.ts';
import type { Placement } from '../placement/placement.ts';

export interface MembershipDeps {
  readonly metadata: Metadata;
  readonly nodes: Nodes;
  readonly placement: Placement;
  readonly log: Logger;
  /** Addresses of nodes that do not announce themselves. */
  readonly staticAddresses: readonly string[];
  readonly inactiveAfterMs: number;
}

/** Keeps this gateway's picture of the storage servers: PostgreSQL has the truth, this is its copy in memory. */
export class MembershipWatch {
  readonly #deps: MembershipDeps;
  #ring = '';

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** Probes the static nodes, notes who has fallen silent, and takes over what PostgreSQL says. */
  async refresh(): Promise<void> {
    await Promise.all(this.#deps.staticAddresses.map((address) => this.#probe(address)));
    const silent = await this.#deps.metadata.markInactive(this.#deps.inactiveAfterMs);
    if (silent.length > 0) this.#deps.log.warn({ servers: silent }, 'storage servers fell silent and are inactive');
    await this.#takeOver(await this.#deps.metadata.servers());
  }

  /** A node said that it is there. A new or returning one is used at once. */
  async heartbeat(heartbeat: Heartbeat): Promise<ServerStatus> {
    const status = await this.#deps.metadata.heartbeat(heartbeat);
    const known = this.#deps.placement.membership.servers.get(heartbeat.serverId);
    if (known?.grpcAddress !== heartbeat.grpcAddress || known.status !== status) {
      this.#deps.log.info({ serverId: heartbeat.serverId, address: heartbeat.grpcAddress, status }, 'storage server announced');
      await this.#takeOver(await this.#deps.metadata.servers());
    }
    return status;
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
