import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Clock } from '../../common/clock.ts';
import type { Files } from '../objects/files.ts';
import { type Credentials, requireClusterToken, requireRestKey } from './authentication.ts';
import { downloadFile } from './download-file.ts';
import { type FileParams, fileId } from './file-id.ts';
import { fileMetadata } from './file-metadata.ts';
import { type HealthDeps, health, readiness } from './health.ts';
import { type HeartbeatDeps, type HeartbeatRequest, heartbeat, heartbeatBody } from './heartbeat.ts';
import { type ListQuery, listFiles } from './list-files.ts';
import * as schemas from './schemas.ts';
import { uploadFile } from './upload-file.ts';

export interface RouteDeps extends HeartbeatDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly bodyIdleTimeoutMs: number;
  readonly health: HealthDeps;
  readonly credentials: Credentials;
  readonly registry: Registry;
}

const failures = { '4xx': schemas.errorSchema, '5xx': schemas.errorSchema };

/** /files: what clients of the store call. */
export function fileRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { files, credentials } = deps;
  app.addHook('onRequest', async (request) => requireRestKey(credentials, request));
  // Bodies are read by our own streaming parser, whatever type they claim to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  const uploadSchema = {
    tags: ['files'],
    summary: 'Store a file',
    consumes: ['multipart/form-data'],
    response: { 201: schemas.uploadedSchema, ...failures },
  };
  app.post('/files', { schema: uploadSchema }, (request, reply) => uploadFile(deps, request, reply));

  const listSchema = {
    tags: ['files'],
    summary: 'List files, oldest first',
    querystring: {
      type: 'object',
      properties: { page: { type: 'string' }, per_page: { type: 'string' }, status: { type: 'string' } },
    },
    response: { 200: schemas.listSchema, ...failures },
  };
  app.get<ListQuery>('/files', { schema: listSchema }, (request) => listFiles(files, request));

  const metadataSchema = {
    tags: ['files'],
    summary: 'What is known of a file, and where its chunks lie',
    params: schemas.idParams,
    response: { 200: schemas.metadataSchema, ...failures },
  };
  app.get<FileParams>('/files/:id/metadata', { schema: metadataSchema }, (request) => fileMetadata(files, request));

  const downloadSchema = {
    tags: ['files'],
    summary: 'The bytes of a file, whole or a range',
    params: schemas.idParams,
  };
  app.route<FileParams>({
    method: ['GET', 'HEAD'],
    url: '/files/:id',
    schema: downloadSchema,
    handler: (request, reply) => downloadFile(deps, request, reply),
  });

  const deleteSchema = {
    tags: ['files'],
    summary: 'Delete a file',
    params: schemas.idParams,
    response: { 200: schemas.deletedSchema, ...failures },
  };
  app.delete<FileParams>('/files/:id', { schema: deleteSchema }, async (request) => {
    const id = fileId(request);
    await files.delete(id);
    return { message: 'the file was deleted', file_id: id };
  });
}

/** Health and metrics. */
export function operationRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const tags = ['operations'];
  app.get('/health', { schema: { tags, summary: 'That the gateway runs' } }, () => health(deps.health));
  app.get('/health/live', { schema: { tags, summary: 'Liveness' } }, () => ({ status: 'alive' }));
  app.get(
    '/health/ready',
    { schema: { tags, summary: 'Whether a file could be stored now' } },
    async (_request, reply) => {
      const state = await readiness(deps.health);
      return reply.code(state.ready ? 200 : 503).send(state);
    },
  );
  app.get(
    '/metrics',
    { schema: { tags, summary: 'Metrics in the text format of Prometheus' } },
    async (_request, reply) => {
      return reply.type(deps.registry.contentType).send(await deps.registry.metrics());
    },
  );
}

/** What storage nodes call. */
export function internalRoutes(app: FastifyInstance, deps: RouteDeps): void {
  app.addHook('onRequest', async (request) => requireClusterToken(deps.credentials, request));
  const schema = { hide: true, body: heartbeatBody, response: { 200: schemas.heartbeatAnswer } };
  app.post<HeartbeatRequest>('/internal/heartbeat', { schema }, (request) => heartbeat(deps, request));
}
