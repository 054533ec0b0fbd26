import type { FastifyRequest } from 'fastify';
import type { StorageServers } from '../objects/storage-servers.ts';
import { describeServer, type ServerParams } from './storage-servers.ts';

/** POST /admin/storage-servers/:id/activate */
export async function activateStorageServer(servers: StorageServers, request: FastifyRequest<ServerParams>) {
  return describeServer(await servers.activate(request.params.id));
}
