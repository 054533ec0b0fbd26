import type { FastifyReply, FastifyRequest } from 'fastify';
import type { StorageServers } from '../objects/storage-servers.ts';
import { describeServer, type ServerParams } from './storage-servers.ts';

/** DELETE /admin/storage-servers/:id: 202, since the server is removed only when it is empty. */
export async function drainStorageServer(
  servers: StorageServers,
  request: FastifyRequest<ServerParams>,
  reply: FastifyReply,
) {
  reply.code(202);
  return describeServer(await servers.drain(request.params.id));
}
