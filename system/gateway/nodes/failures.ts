import { status } from '@grpc/grpc-js';
import { NodeFailure, type NodeFailureKind } from '../objects/ports.ts';
import type { ServerId } from '../placement/membership.ts';

/** A gRPC status that is not OK. */
export interface Failure {
  readonly code: status;
  readonly details: string;
}

/** Translates a gRPC status into what it means for the data: by code, never by message. */
export function toNodeFailure(serverId: ServerId, operation: string, { code, details }: Failure): NodeFailure {
  return new NodeFailure(kindOf(code), serverId, `${operation}: ${details || status[code]}`);
}

/** The status of an answer's headers; its message is percent-encoded UTF-8 (gRPC over HTTP/2, Responses). */
export function failureOf(code: number, message: string): Failure {
  try {
    return { code, details: decodeURIComponent(message) };
  } catch {
    return { code, details: message };
  }
}

function kindOf(code: status): NodeFailureKind {
  switch (code) {
    case status.NOT_FOUND:
      return 'absent';
    case status.DATA_LOSS:
      return 'damaged';
    case status.RESOURCE_EXHAUSTED:
      return 'full';
    case status.DEADLINE_EXCEEDED:
      return 'deadline';
    case status.CANCELLED:
      return 'cancelled';
    case status.UNAVAILABLE:
    case status.INTERNAL:
    case status.UNKNOWN:
    case status.ABORTED:
      return 'unavailable';
    default:
      return 'refused';
  }
}

/** Failures that say something about the node rather than about one chunk: these open its circuit breaker. */
export function blamesNode(failure: NodeFailure): boolean {
  return failure.kind === 'unavailable' || failure.kind === 'deadline';
}
