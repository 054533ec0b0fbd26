import { status } from '@grpc/grpc-js';
import { unreachable } from '../../common/assert.ts';
import type { Logger } from '../../common/log.ts';
import { ChunkError, type ChunkErrorCode } from '../chunks/chunk-error.ts';
import type { CallStatus } from './transport/call.ts';
import { GrpcError } from './transport/grpc-error.ts';

/** What a client is told, and what the log keeps. Faults of the node are errors in the log, refusals are not. */
export function toStatus(error: unknown, log: Logger, method: string): CallStatus {
  const known = error instanceof ChunkError || error instanceof GrpcError ? error : undefined;
  const code = statusOf(error);
  const line = { method, code: status[code], err: error };
  if (!known) log.error(line, 'a call failed unexpectedly');
  else if (known.code === 'ChunkDamaged' || known.code === 'DiskFailed') log.error(line, known.message);
  else log.debug(line, known.message);
  return { code, details: known ? known.message : 'the node met an unexpected fault; its log says more' };
}

function statusOf(error: unknown): status {
  if (error instanceof GrpcError) return error.code;
  return error instanceof ChunkError ? statusOfCode(error.code) : status.INTERNAL;
}

function statusOfCode(code: ChunkErrorCode): status {
  switch (code) {
    case 'InvalidRequest':
      return status.INVALID_ARGUMENT;
    case 'OutOfRange':
      return status.OUT_OF_RANGE;
    case 'ChunkNotFound':
      return status.NOT_FOUND;
    case 'ChunkExists':
      return status.ALREADY_EXISTS;
    case 'CorruptedInTransit':
    case 'ChunkDamaged':
      return status.DATA_LOSS;
    case 'UnknownFormat':
      return status.FAILED_PRECONDITION;
    case 'NoSpace':
      return status.RESOURCE_EXHAUSTED;
    // Another node, or this one a little later, can do it.
    case 'TooBusy':
    case 'DiskFailed':
      return status.UNAVAILABLE;
    default:
      return unreachable(code, 'the error code');
  }
}
