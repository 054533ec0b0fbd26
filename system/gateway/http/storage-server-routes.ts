import type { FastifyInstance } from 'fastify';
import type { StorageServers } from '../objects/storage-servers.ts';
import { activateStorageServer } from './activate-storage-server.ts';
import { type Credentials, requireRestKey } from './authentication.ts';
import { drainStorageServer } from './drain-storage-server.ts';
import { maintainStorageServer } from './maintain-storage-server.ts';
import { type RebalanceDeps, rebalanceProgress, startRebalance } from './rebalance.ts';
import { errorSchema } from './schemas.ts';
import { rebalanceSchema, serverListSchema, serverParams, serverSchema } from './storage-server-schemas.ts';
import { listStorageServers, type ServerParams, storageServer } from './storage-servers.ts';

export interface StorageServerDeps extends RebalanceDeps {
  readonly storageServers: StorageServers;
  readonly credentials: Credentials;
}

const failures = { '4xx': errorSchema, '5xx': errorSchema };
const tags = ['admin'];

/** /admin/storage-servers and /admin/rebalance: who stores, and how evenly. */
export function storageServerRoutes(app: FastifyInstance, deps: StorageServerDeps): void {
  const { storageServers: servers } = deps;
  app.addHook('onRequest', async (request) => requireRestKey(deps.credentials, request));

  const listSchema = { tags, summary: 'Every storage server', response: { 200: serverListSchema, ...failures } };
  app.get('/admin/storage-servers', { schema: listSchema }, () => listStorageServers(servers));

  const one = (summary: string, status: 200 | 202) => ({
    schema: { tags, summary, params: serverParams, response: { [status]: serverSchema, ...failures } },
  });
  const path = '/admin/storage-servers/:id';
  app.get<ServerParams>(path, one('One storage server', 200), (request) => storageServer(servers, request));
  app.delete<ServerParams>(path, one('Drain a storage server and remove it when it is empty', 202), (request, reply) =>
    drainStorageServer(servers, request, reply),
  );
  app.post<ServerParams>(
    `${path}/maintenance`,
    one('Give a storage server no new chunks for a while', 200),
    (request) => maintainStorageServer(servers, request),
  );
  app.post<ServerParams>(`${path}/activate`, one('End a drain or maintenance, or take a server back', 200), (request) =>
    activateStorageServer(servers, request),
  );

  const progressSchema = {
    tags,
    summary: 'What moves between storage servers',
    response: { 200: rebalanceSchema, ...failures },
  };
  app.get('/admin/rebalance', { schema: progressSchema }, () => rebalanceProgress(deps));
  const startSchema = {
    tags,
    summary: 'Make storage servers even now',
    response: { 202: rebalanceSchema, ...failures },
  };
  app.post('/admin/rebalance', { schema: startSchema }, (_request, reply) => startRebalance(deps, reply));
}
