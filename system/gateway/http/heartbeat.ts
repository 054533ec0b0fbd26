import type { FastifyRequest } from 'fastify';
import type { Heartbeat } from '../objects/ports.ts';
import type { ServerStatus } from '../placement/membership.ts';

export interface HeartbeatRequest {
  Body: { server_id: string; grpc_address: string; available_space: number; used_space: number; total_space: number };
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
  },
} as const;

/** POST /internal/heartbeat: a storage node says that it is there, and how full. */
export async function heartbeat(
  take: (heartbeat: Heartbeat) => Promise<ServerStatus>,
  request: FastifyRequest<HeartbeatRequest>,
): Promise<{ status: ServerStatus }> {
  const { body } = request;
  const status = await take({
    serverId: body.server_id,
    grpcAddress: body.grpc_address,
    availableBytes: body.available_space,
    usedBytes: body.used_space,
    totalBytes: body.total_space,
  });
  return { status };
}
