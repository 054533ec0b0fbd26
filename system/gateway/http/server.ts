import { createServer } from 'node:http';
import { type FastifyInstance, fastify, type HTTPMethods, LogController } from 'fastify';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { leaveExpectations, listenerTimeouts, urlOf } from '../wire/listener.ts';
import { lingerAfterAnswer } from '../wire/request-body.ts';
import { type AccessKeyDeps, accessKeyRoutes } from './access-key-routes.ts';
import { answerClientError } from './client-error.ts';
import { renderError } from './errors.ts';
import { serveOpenApi } from './openapi.ts';
import { readDocuments } from './read-documents.ts';
import { type RepairRouteDeps, repairRoutes } from './repair-routes.ts';
import { fileRoutes, internalRoutes, operationRoutes, type RouteDeps } from './routes.ts';
import { type StorageServerDeps, storageServerRoutes } from './storage-server-routes.ts';

export interface RestServerOptions {
  readonly host: string;
  readonly port: number;
  readonly shutdownDeadlineMs: number;
}

export interface RestServerDeps extends RouteDeps, RepairRouteDeps, StorageServerDeps, AccessKeyDeps {
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: GatewayMetrics;
}

export interface RestServer extends AsyncDisposable {
  /** Where it listens, such as http://127.0.0.1:8080 */
  readonly url: string;
}

/** Builds the REST listener and listens. Disposal stops taking requests and waits for those under way, within the deadline. */
export async function listenRest(options: RestServerOptions, deps: RestServerDeps): Promise<RestServer> {
  const app = await buildApp(deps);
  await app.listen({ host: options.host, port: options.port });
  return {
    url: urlOf(app.server, options),
    [Symbol.asyncDispose]: async () => {
      const cut = deps.clock.after(options.shutdownDeadlineMs, () => app.server.closeAllConnections());
      await app.close();
      cut.cancel();
    },
  };
}

async function buildApp(deps: RestServerDeps): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.log,
    // Requests are logged by the hook below, with what an operator looks for.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => deps.random.uuid(),
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, { requestId: deps.random.uuid(), clock: deps.clock }),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 2_000 },
    serverFactory: (handler) => {
      const server = createServer(listenerTimeouts, handler);
      leaveExpectations(server, handler);
      return server;
    },
  }) as unknown as FastifyInstance;
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    deps.metrics.requestSeconds.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
    request.log.debug(
      { method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
  });
  app.setErrorHandler((error, request, reply) => {
    lingerAfterAnswer(request.raw, reply.raw, deps.clock);
    renderError(error as Parameters<typeof renderError>[0], request, reply);
  });
  answerUnknownRoutes(app, deps);
  await serveOpenApi(app);
  await app.register(async (scope) => fileRoutes(scope, deps));
  await app.register(async (documents) => {
    readDocuments(documents, deps);
    await documents.register(async (scope) => operationRoutes(scope, deps));
    await documents.register(async (scope) => storageServerRoutes(scope, deps));
    await documents.register(async (scope) => repairRoutes(scope, deps));
    await documents.register(async (scope) => accessKeyRoutes(scope, deps));
    await documents.register(async (scope) => internalRoutes(scope, deps));
  });
  return app;
}

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** 405 with Allow where the path exists under another method (RFC 9110 section 15.5.6), 404 elsewhere. */
function answerUnknownRoutes(app: FastifyInstance, deps: RestServerDeps): void {
  app.setNotFoundHandler((request, reply) => {
    lingerAfterAnswer(request.raw, reply.raw, deps.clock);
    const path = request.url.split('?')[0] ?? '/';
    const allowed = methods.filter((method) => app.findRoute({ method, url: routeOf(path) }) !== null);
    const known = allowed.length > 0;
    if (known) reply.header('allow', allowed.join(', '));
    const error = known
      ? `${request.method} is not allowed on ${path}; allowed are ${allowed.join(', ')}`
      : `there is no route ${request.method} ${path}`;
    reply
      .code(known ? 405 : 404)
      .send({ error, code: known ? 'MethodNotAllowed' : 'RouteNotFound', request_id: request.id });
  });
}

/** findRoute() knows routes by their patterns. */
function routeOf(path: string): string {
  return path
    .replace(/^\/files\/[^/]+(\/metadata)?$/, '/files/:id$1')
    .replace(/^\/admin\/storage-servers\/[^/]+(\/maintenance|\/activate)?$/, '/admin/storage-servers/:id$1')
    .replace(/^\/admin\/access-keys\/[^/]+\/(disable|rotate)$/, '/admin/access-keys/:access_key/$1');
}
