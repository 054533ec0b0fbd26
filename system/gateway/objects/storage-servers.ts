import type { ServerId, ServerStatus } from '../placement/membership.ts';
import { StoreError } from './errors.ts';
import type { ServerOperations, ServerReport, ServerState } from './server-operations.ts';

export interface StorageServersDeps {
  readonly operations: ServerOperations;
  /** So many active servers must be left, or new chunks could not have all their replicas. */
  readonly replicas: number;
  /** A server that was not heard of for longer than this is not active. */
  readonly inactiveAfterMs: number;
  /** Called when a server's status may have changed. */
  readonly onChange: () => Promise<void>;
}

/** What an operator does with storage servers. PostgreSQL keeps it, so it outlives every gateway. */
export class StorageServers {
  readonly #deps: StorageServersDeps;

  constructor(deps: StorageServersDeps) {
    this.#deps = deps;
  }

  list(): Promise<readonly ServerReport[]> {
    return this.#deps.operations.serverReports();
  }

  /** Throws ServerNotFound. */
  async one(serverId: ServerId): Promise<ServerReport> {
    const [report] = await this.#deps.operations.serverReports(serverId);
    if (report === undefined) throw notFound(serverId);
    return report;
  }

  /** Begins to move everything off a server, which is `removed` when it is empty. Throws ServerNotFound, TooFewServersLeft. */
  drain(serverId: ServerId): Promise<ServerReport> {
    return this.#change(serverId, ({ status, otherActive }) => {
      if (status === 'draining' || status === 'removed') return status;
      this.#requireLeft(`draining ${serverId}`, otherActive);
      return 'draining';
    });
  }

  /**
   * The server gets no new chunks, and nothing is made anew that lies on it, for as long as an operator wants. Throws
   * ServerNotFound, TooFewServersLeft, ServerRefused.
   */
  maintain(serverId: ServerId): Promise<ServerReport> {
    return this.#change(serverId, ({ status, otherActive }) => {
      if (status === 'draining' || status === 'removed') {
        throw new StoreError('ServerRefused', `${serverId} is ${status}; activate it first`);
      }
      if (status === 'active') this.#requireLeft(`maintenance of ${serverId}`, otherActive);
      return 'maintenance';
    });
  }

  /** Ends a drain or maintenance, and takes a removed server back. One that is silent is active with its next heartbeat. */
  activate(serverId: ServerId): Promise<ServerReport> {
    return this.#change(serverId, ({ heartbeatAgeMs }) => {
      const isHeard = heartbeatAgeMs !== null && heartbeatAgeMs < this.#deps.inactiveAfterMs;
      return isHeard ? 'active' : 'inactive';
    });
  }

  async #change(serverId: ServerId, decide: (state: ServerState) => ServerStatus): Promise<ServerReport> {
    if (!(await this.#deps.operations.changeStatus(serverId, decide))) throw notFound(serverId);
    await this.#deps.onChange();
    return this.one(serverId);
  }

  #requireLeft(what: string, otherActive: number): void {
    const { replicas } = this.#deps;
    if (otherActive >= replicas) return;
    throw new StoreError(
      'TooFewServersLeft',
      `${what} would leave ${otherActive} active storage servers, and every chunk has ${replicas} replicas; add a server first`,
    );
  }
}

function notFound(serverId: ServerId): StoreError {
  return new StoreError('ServerNotFound', `there is no storage server ${serverId}`);
}
