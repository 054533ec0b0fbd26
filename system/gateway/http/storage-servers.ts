import type { FastifyRequest } from 'fastify';
import type { ServerReport } from '../objects/server-operations.ts';
import type { StorageServers } from '../objects/storage-servers.ts';

export interface ServerParams {
  Params: { id: string };
}

/** GET /admin/storage-servers: all of them, removed ones too. */
export async function listStorageServers(servers: StorageServers) {
  return { storage_servers: (await servers.list()).map(describeServer) };
}

/** GET /admin/storage-servers/:id */
export async function storageServer(servers: StorageServers, request: FastifyRequest<ServerParams>) {
  return describeServer(await servers.one(request.params.id));
}

export function describeServer(server: ServerReport) {
  return {
    server_id: server.serverId,
    grpc_address: server.grpcAddress,
    status: server.status,
    available_space: server.availableBytes,
    used_space: server.usedBytes,
    total_space: server.totalBytes,
    last_heartbeat: server.lastHeartbeat?.toISOString() ?? null,
    replicas: server.replicas,
    replica_bytes: server.replicaBytes,
    drain:
      server.drainStartedAt === null
        ? null
        : {
            started_at: server.drainStartedAt.toISOString(),
            replicas_left: server.replicas,
            bytes_left: server.replicaBytes,
          },
  };
}
