import assert from 'node:assert/strict';
import type { RestClient } from './rest-client.ts';
import type { RestResponse } from './rest-types.ts';

export interface StorageServer {
  readonly server_id: string;
  readonly grpc_address: string;
  readonly status: 'active' | 'draining' | 'inactive' | 'removed' | 'maintenance';
  /** Bytes. */
  readonly used_space: number;
  readonly replicas: number;
  readonly replica_bytes: number;
  readonly drain: null | {
    readonly started_at: string;
    readonly replicas_left: number;
    readonly bytes_left: number;
  };
}

export interface RepairReport {
  readonly state: string;
  readonly pending_chunks: number;
  readonly repaired_chunks: number;
  readonly repaired_bytes: number;
  /** Chunks without any good replica. */
  readonly lost_chunks: number;
  /** At most 100 of them. */
  readonly lost: readonly { readonly file_id: string; readonly chunk_id: string }[];
  /** The round that runs, or the last one. */
  readonly scrub: {
    readonly started_at: string | null;
    readonly finished_at: string | null;
    readonly verified_replicas: number;
    readonly problems: number;
    /** Replicas whose server did not answer. */
    readonly unreachable: number;
  };
}

/** A job that an operator can ask for; it runs soon, on whichever gateway gets it. */
export type AdminJob = 'repair' | 'scrub' | 'census' | 'cleanup' | 'rebalance';

/** The operator's side of the REST interface. What answers otherwise than the interface says fails the case. */
export class AdminClient {
  readonly #rest: RestClient;

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  async servers(): Promise<readonly StorageServer[]> {
    const { storage_servers } = await this.#get<{ storage_servers: StorageServer[] }>('/admin/storage-servers');
    return storage_servers;
  }

  server(serverId: string): Promise<StorageServer> {
    return this.#get(serverPath(serverId));
  }

  async statusOf(serverId: string): Promise<StorageServer['status']> {
    return (await this.server(serverId)).status;
  }

  /** Gives back the answer, whatever it is. */
  drain(serverId: string): Promise<RestResponse<StorageServer>> {
    return this.#rest.send({ method: 'DELETE', path: serverPath(serverId) });
  }

  maintain(serverId: string): Promise<RestResponse<StorageServer>> {
    return this.#rest.send({ method: 'POST', path: `${serverPath(serverId)}/maintenance` });
  }

  activate(serverId: string): Promise<RestResponse<StorageServer>> {
    return this.#rest.send({ method: 'POST', path: `${serverPath(serverId)}/activate` });
  }

  repair(): Promise<RepairReport> {
    return this.#get('/admin/repair');
  }

  async start(job: AdminJob): Promise<void> {
    const { status, text } = await this.#rest.send({ method: 'POST', path: `/admin/${job}` });
    assert.equal(status, 202, `POST /admin/${job} was answered with ${status}: ${text}`);
  }

  async #get<Body>(path: string): Promise<Body> {
    const { status, body, text } = await this.#rest.send<Body>({ method: 'GET', path });
    assert.equal(status, 200, `GET ${path} was answered with ${status}: ${text}`);
    return body;
  }
}

function serverPath(serverId: string): string {
  return `/admin/storage-servers/${encodeURIComponent(serverId)}`;
}
