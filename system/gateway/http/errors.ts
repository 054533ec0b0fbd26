import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterSeconds, StoreError, type StoreErrorCode } from '../objects/errors.ts';

/** The one place where the catalogue of errors becomes HTTP. Too large is 400 by contract, not 413. */
const statusOf: Record<StoreErrorCode, number> = {
  InvalidRequest: 400,
  InvalidName: 400,
  EmptyFile: 400,
  TooLarge: 400,
  IncompleteBody: 400,
  FileNotFound: 404,
  RangeNotSatisfiable: 416,
  PreconditionFailed: 412,
  Unauthorized: 401,
  ServerNotFound: 404,
  AccessKeyNotFound: 404,
  TooFewServersLeft: 409,
  ServerRefused: 409,
  ClientGone: 400,
  ClientTooSlow: 408,
  Overloaded: 503,
  TooFewNodes: 503,
  StorageFailed: 503,
  DataUnavailable: 503,
  DataDamaged: 500,
  DatabaseUnavailable: 503,
  OutcomeUnknown: 503,
};

/** The body of every error answer. */
export interface ErrorBody {
  error: string;
  code: string;
  request_id: string;
}

export function renderError(error: FastifyError | StoreError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, message } = classify(error);
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  else request.log.debug({ err: error }, 'request refused');
  if (error instanceof StoreError) {
    const seconds = retryAfterSeconds[error.code];
    if (seconds !== undefined) reply.header('retry-after', seconds);
    if (error.code === 'Unauthorized') reply.header('www-authenticate', 'Bearer');
  }
  reply.code(status).send({ error: message, code, request_id: request.id } satisfies ErrorBody);
}

/** Foreign errors: what the framework refuses is the client's fault and says so; anything else is ours and is not leaked. */
function classify(error: FastifyError | StoreError): { status: number; code: string; message: string } {
  if (error instanceof StoreError) return { status: statusOf[error.code], code: error.code, message: error.message };
  const status = error.statusCode ?? 500;
  if (status < 500) return { status: status === 415 ? 400 : status, code: 'InvalidRequest', message: error.message };
  return {
    status: 500,
    code: 'InternalError',
    message: 'something went wrong inside the store; the log has the request id',
  };
}
