import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../common/clock.ts';
import { continueBody, requestBody } from '../wire/request-body.ts';

export interface DocumentDeps {
  readonly clock: Clock;
  readonly bodyIdleTimeoutMs: number;
}

/**
 * For routes whose bodies the framework reads: it would wait for the rest of one for ever, and never tell a client that
 * waits for `100 Continue` to send it.
 */
export function readDocuments(app: FastifyInstance, { clock, bodyIdleTimeoutMs }: DocumentDeps): void {
  app.addHook('preParsing', async (request, reply) => {
    continueBody(request.raw, reply.raw);
    return Readable.from(requestBody(request.raw, clock, bodyIdleTimeoutMs), { objectMode: false });
  });
}
