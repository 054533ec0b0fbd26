import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { MiB } from '../../common/bytes.ts';
import type { Random } from '../../common/random.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { Room } from '../objects/room.ts';
import { LastAnswers } from '../wire/last-answers.ts';
import { leaveExpectations, listenerTimeouts, urlOf } from '../wire/listener.ts';
import { refuseSocket } from '../wire/refuse-socket.ts';
import { S3Error } from './errors.ts';
import { type HandleDeps, handleRequest } from './handle-request.ts';
import { KnownKeys } from './known-keys.ts';
import { errorDocument, type RequestIds } from './render-error.ts';
import { splitUrl } from './target.ts';

export interface S3ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly shutdownDeadlineMs: number;
}

export interface S3ServerDeps extends Omit<HandleDeps, 'keys' | 'documents'> {
  readonly random: Random;
  readonly metrics: Pick<GatewayMetrics, 's3RequestSeconds'>;
}

export interface S3Server extends AsyncDisposable {
  /** Where it listens, such as http://127.0.0.1:9000 */
  readonly url: string;
}

/** A presigned URL with a key of 1,024 bytes, each percent-encoded, and all the metadata there may be. */
const HEAD_BYTES_MAX = 32 * 1024;

/** Four of the longest documents, or some hundred that complete an upload of a thousand parts. */
const DOCUMENT_BYTES_MAX = 32 * MiB;

/** Listens for S3. Disposal stops taking requests and waits for those under way, within the deadline. */
export async function listenS3(options: S3ServerOptions, deps: S3ServerDeps): Promise<S3Server> {
  const { server, lastAnswers } = buildServer(deps);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    url: urlOf(server, options),
    [Symbol.asyncDispose]: () => close(server, lastAnswers, options.shutdownDeadlineMs, deps),
  };
}

function buildServer(deps: S3ServerDeps): { readonly server: Server; readonly lastAnswers: LastAnswers } {
  const { random, clock } = deps;
  const handleDeps: HandleDeps = {
    ...deps,
    keys: new KnownKeys(deps.metadata, clock),
    documents: new Room(DOCUMENT_BYTES_MAX, clock),
  };
  // Names this process in every answer, as AWS's id names a host.
  const hostId = createHash('sha256').update(random.uuid()).digest('base64');
  const nextIds = () => ({ requestId: random.uuid().replaceAll('-', '').slice(16).toUpperCase(), hostId });
  const lastAnswers = new LastAnswers();
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    lastAnswers.add(request, response);
    void answer(handleDeps, deps.metrics, nextIds(), request, response);
  };
  const server = createServer(
    {
      ...listenerTimeouts,
      maxHeaderSize: HEAD_BYTES_MAX,
      noDelay: true,
      // Signature V4 asks for the header itself, and refuses its absence in the words of S3.
      requireHostHeader: false,
    },
    serve,
  );
  leaveExpectations(server, serve);
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const ids = nextIds();
    refuseSocket(error, socket as Parameters<typeof refuseSocket>[1], clock, (status, sentence) => {
      const refusal =
        status === 431
          ? new S3Error('RequestHeaderSectionTooLarge')
          : new S3Error('BadRequest', `Bad Request: ${sentence}`);
      return {
        status: refusal.status,
        headers: [
          'content-type: application/xml',
          ...Object.entries(idHeaders(ids)).map(([name, id]) => `${name}: ${id}`),
        ],
        text: errorDocument(refusal, undefined, ids),
      };
    });
  });
  return { server, lastAnswers };
}

async function answer(
  deps: HandleDeps,
  metrics: S3ServerDeps['metrics'],
  ids: RequestIds,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startMs = deps.clock.monotonicMs();
  for (const [name, value] of Object.entries(idHeaders(ids))) response.setHeader(name, value);
  const { operation } = await handleRequest(deps, ids, request, response);
  const ms = deps.clock.monotonicMs() - startMs;
  const { statusCode: status } = response;
  metrics.s3RequestSeconds.observe({ operation, status }, ms / 1000);
  deps.log.debug(
    { operation, path: splitUrl(request.url ?? '').rawPath, status, ms, request_id: ids.requestId },
    'S3 request',
  );
}

function idHeaders({ requestId, hostId }: RequestIds): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId, server: 'Sextant' };
}

async function close(
  server: Server,
  lastAnswers: LastAnswers,
  deadlineMs: number,
  { clock }: S3ServerDeps,
): Promise<void> {
  const cut = clock.after(deadlineMs, () => server.closeAllConnections());
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  lastAnswers.end();
  server.closeIdleConnections();
  await closed;
  cut.cancel();
}
