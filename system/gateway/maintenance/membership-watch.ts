import type { Clock } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { GatewayFailpoint } from '../failpoints.ts';
import { admitServer } from '../objects/admit-server.ts';
import { StoreError } from '../objects/errors.ts';
import type { Nodes } from '../objects/ports.ts';
import type { Heartbeat, ServerRegistry } from '../objects/server-registry.ts';
import { membershipOf, type ServerId, type ServerRecord, type ServerStatus } from '../placement/membership.ts';
import type { Placement } from '../placement/placement.ts';

export interface MembershipDeps {
  readonly registry: ServerRegistry;
  readonly nodes: Nodes;
  readonly placement: Placement;
  readonly clock: Clock;
  readonly log: Logger;
  readonly failpoints: Failpoints<GatewayFailpoint>;
  readonly clusterId: string;
  /** Addresses of nodes that do not announce themselves. */
  readonly staticAddresses: readonly string[];
  readonly inactiveAfterMs: number;
}

/** Keeps this gateway's picture of the storage servers: PostgreSQL has the truth, this is its copy in memory. */
export class MembershipWatch {
  readonly #deps: MembershipDeps;
  /** Heartbeats that PostgreSQL was not there to take. */
  readonly #unsaved = new Map<ServerId, { readonly heartbeat: Heartbeat; readonly atMs: number }>();
  /** Nodes that are being admitted, by who they are: one that does not wait for its answer asks again. */
  readonly #admissions = new Map<string, Promise<ServerStatus>>();
  /** What the log was last told of each static address. */
  readonly #complaints = new Map<string, string>();
  /** The process of each server that was heard of last. */
  readonly #instances = new Map<ServerId, string | undefined>();
  #version = -1;
  /** How often PostgreSQL was asked, and the question whose answer was taken over last. */
  #asked = 0;
  #takenOver = 0;
  #ring = '';

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** Probes the static nodes, notes who has fallen silent, and takes over what PostgreSQL says. */
  async refresh(): Promise<void> {
    const { registry, inactiveAfterMs, staticAddresses, log } = this.#deps;
    await Promise.all(staticAddresses.map((address) => this.#probe(address)));
    await this.#saveLate();
    const silent = await registry.markInactive(inactiveAfterMs);
    if (silent.length > 0) log.warn({ servers: silent }, 'storage servers fell silent and are inactive');
    await this.#takeOver();
  }

  /** Takes over what PostgreSQL says, if anything has changed: what happened at another gateway is noticed by this. */
  async poll(): Promise<void> {
    if ((await this.#deps.registry.membershipVersion()) !== this.#version) await this.#takeOver();
  }

  /** A node said that it is there. A new or returning one is used at once. Throws ServerRefused. */
  async heartbeat(heartbeat: Heartbeat): Promise<ServerStatus> {
    const { serverId, grpcAddress } = heartbeat;
    const status = await this.#admit(heartbeat);
    await this.#deps.failpoints.reach('announce.after-row');
    const known = this.#deps.placement.membership.servers.get(serverId);
    if (known?.grpcAddress !== grpcAddress || known.status !== status) {
      this.#deps.log.info({ serverId, address: grpcAddress, status }, 'storage server announced');
      await this.#takeOver();
    }
    return status;
  }

  /** Calls to a node that is back are not to wait until somebody dares to try. */
  #welcome({ serverId, instanceId }: Heartbeat): void {
    const before = this.#deps.placement.membership.servers.get(serverId)?.status;
    if (before === 'inactive' || this.#instances.get(serverId) !== instanceId) this.#deps.nodes.returned(serverId);
    this.#instances.set(serverId, instanceId);
  }

  #admit(heartbeat: Heartbeat): Promise<ServerStatus> {
    const who = JSON.stringify([heartbeat.serverId, heartbeat.grpcAddress, heartbeat.instanceId]);
    const admission =
      this.#admissions.get(who) ?? this.#admitOnce(heartbeat).finally(() => this.#admissions.delete(who));
    this.#admissions.set(who, admission);
    return admission;
  }

  async #admitOnce(heartbeat: Heartbeat): Promise<ServerStatus> {
    const { clock, inactiveAfterMs: freshMs } = this.#deps;
    this.#unsaved.set(heartbeat.serverId, { heartbeat, atMs: clock.monotonicMs() });
    try {
      const status = await admitServer({ ...this.#deps, freshMs }, heartbeat);
      this.#unsaved.delete(heartbeat.serverId);
      this.#welcome(heartbeat);
      return status;
    } catch (error) {
      if (isRefusal(error)) this.#unsaved.delete(heartbeat.serverId);
      throw error;
    }
  }

  /** After an outage of the database, so that nodes which never fell silent are not taken for dead. */
  async #saveLate(): Promise<void> {
    const { clock, registry, inactiveAfterMs } = this.#deps;
    for (const [serverId, { heartbeat, atMs }] of this.#unsaved) {
      if (clock.monotonicMs() - atMs < inactiveAfterMs) await registry.heartbeat(heartbeat, inactiveAfterMs);
      this.#unsaved.delete(serverId);
    }
  }

  async #probe(address: string): Promise<void> {
    try {
      await this.#admit(await this.#deps.nodes.probe(address));
      this.#complaints.delete(address);
    } catch (error) {
      if (isRefusal(error)) return this.#complain(address, error.message);
      this.#deps.log.debug({ err: error, address }, 'a storage server of the settings does not answer');
    }
  }

  /** Once: a static node is probed for ever. */
  #complain(address: string, reason: string): void {
    if (this.#complaints.get(address) === reason) return;
    this.#complaints.set(address, reason);
    this.#deps.log.error({ address, reason }, 'a storage server of the settings is refused');
  }

  /**
   * The version is read first: what changes between the two is noticed at the next poll. Refresh, poll and heartbeats ask side by
   * side; an answer that was overtaken would close the connections of servers that have come since.
   */
  async #takeOver(): Promise<void> {
    const { registry, nodes, placement } = this.#deps;
    const question = ++this.#asked;
    const version = await registry.membershipVersion();
    const servers = await registry.servers();
    if (question < this.#takenOver) return;
    this.#takenOver = question;
    const membership = membershipOf(servers);
    nodes.update(membership);
    placement.update(membership);
    this.#version = version;
    await this.#saveRing(servers);
  }

  async #saveRing(servers: readonly ServerRecord[]): Promise<void> {
    const ring = JSON.stringify(servers.map(({ serverId, totalBytes }) => [serverId, totalBytes]).sort());
    if (ring === this.#ring) return;
    const { points } = this.#deps.placement.ring;
    await this.#deps.registry.saveRing(points.map((point) => ({ ...point, hashValue: BigInt(point.hashValue) })));
    this.#ring = ring;
  }
}

function isRefusal(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === 'ServerRefused';
}
