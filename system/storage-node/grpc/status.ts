import { status } from '@grpc/grpc-js';
import { unreachable } from '../../common/assert.ts';
import type { Logger } from '../../common/log.ts';
import { ChunkError, type ChunkErrorCode } from '../chunks/chunk-error.ts';

/** A failed call, as grpc-js takes it. */
export interface CallFailure extends Error {
  readonly code: status;
  readonly details: string;
}

/** What a client is told, and what the log keeps. Faults of the node are errors in the log, refusals are not. */
export function toFailure(error: unknown, log: Logger, call: { method: string; chunkId: string }): CallFailure {
  const known = error instanceof ChunkError ? error : undefined;
  const code = known ? statusOf(known.code) : status.INTERNAL;
  const details = known ? known.message : 'the node met an unexpected fault; its log says more';
  const line = { ...call, code: status[code], err: error };
  if (!known) log.error(line, 'a call failed unexpectedly');
  else if (known.code === 'ChunkDamaged' || known.code === 'DiskFailed') log.error(line, known.message);
  else log.debug(line, known.message);
  return Object.assign(new Error(details), { code, details });
}

function statusOf(code: ChunkErrorCode): status {
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
    case 'Stopping':
      return status.UNAVAILABLE;
    case 'PeerIdle':
      return status.DEADLINE_EXCEEDED;
    case 'ClientGone':
      return status.CANCELLED;
    default:
      return unreachable(code, 'the error code');
  }
}
