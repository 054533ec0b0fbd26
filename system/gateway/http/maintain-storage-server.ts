import type { FastifyRequest } from 'fastify';
import type { StorageServers } from '../objects/storage-servers.ts';
import { describeServer, type ServerParams } from './storage-servers.ts';

/** POST /admin/storage-servers/:id/maintenance */
export async function maintainStorageServer(servers: StorageServers, request: FastifyRequest<ServerParams>) {
  return describeServer(await servers.maintain(request.params.id));
}
