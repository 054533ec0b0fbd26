import type { status } from '@grpc/grpc-js';

/** A failure that already knows its status. `message` is for the client. */
export class GrpcError extends Error {
  override name = 'GrpcError';
  readonly code: status;
  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}
