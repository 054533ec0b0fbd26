import type { FastifyRequest } from 'fastify';
import type { Heartbeat } from '../objects/server-registry.ts';
import type { ServerStatus } from '../placement/membership.ts';

export interface HeartbeatDeps {
  readonly takeHeartbeat: (heartbeat: Heartbeat) => Promise<ServerStatus>;
  readonly clusterId: string;
}

export interface HeartbeatRequest {
  Body: {
    server_id: string;
    grpc_address: string;
    available_space: number;
    used_space: number;
    total_space: number;
    instance_id?: string;
    cluster_id?: string;
  };
}

export const heartbeatBody = {
  type: 'object',
  required: ['server_id', 'grpc_address', 'available_space', 'used_space', 'total_space'],
  properties: {
    server_id: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,100}$' },
    grpc_address: { type: 'string', pattern: '^.{1,255}:\\d{1,5}$' },
    available_space: { type: 'integer', minimum: 0 },
    used_space: { type: 'integer', minimum: 0 },
    total_space: { type: 'integer', minimum: 0 },
    instance_id: { type: 'string', pattern: '^[A-Za-z0-9-]{1,100}$' },
    cluster_id: { type: 'string', pattern: '^[A-Za-z0-9-]{1,100}$' },
  },
} as const;

/** What the gateway tells the node: its status, and the cluster that its data belongs to from now on. */
export interface HeartbeatAnswer {
  readonly status: ServerStatus;
  readonly cluster_id: string;
}

/** POST /internal/heartbeat: a storage node says that it is there, and how full. 409 when it must not be a server. */
export async function heartbeat(
  deps: HeartbeatDeps,
  request: FastifyRequest<HeartbeatRequest>,
): Promise<HeartbeatAnswer> {
  const { body } = request;
  const status = await deps.takeHeartbeat({
    serverId: body.server_id,
    grpcAddress: body.grpc_address,
    availableBytes: body.available_space,
    usedBytes: body.used_space,
    totalBytes: body.total_space,
    instanceId: body.instance_id,
    clusterId: body.cluster_id,
  });
  return { status, cluster_id: deps.clusterId };
}
