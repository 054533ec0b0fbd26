import { status } from '@grpc/grpc-js';
import type { Clock } from '../../common/clock.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { BufferHeap } from '../../common/heap.ts';
import type { Logger } from '../../common/log.ts';
import type { ChunkStore } from '../chunks/chunk-store.ts';
import type { NodeFailpoint } from '../failpoints.ts';
import { IdleTimer } from './idle-timer.ts';
import type { RunningCalls } from './running-calls.ts';
import type { Call } from './transport/call.ts';
import { GrpcError } from './transport/grpc-error.ts';

/** What the handlers of all calls work with. */
export interface CallParts {
  readonly store: ChunkStore;
  readonly calls: RunningCalls;
  readonly serverId: string;
  /** Random for every start of the process. */
  readonly instanceId: string;
  /** The cluster that the data belongs to; undefined as long as no gateway has told it. */
  readonly clusterId: () => string | undefined;
  /** Whether a gateway refuses this node at the moment. */
  readonly isRefused: () => boolean;
  /** A stream on which the client neither sends nor takes anything for this long is given up. */
  readonly streamIdleTimeoutMs: number;
  readonly clock: Clock;
  readonly heap: Pick<BufferHeap, 'passed'>;
  readonly log: Logger;
  readonly failpoints: Failpoints<NodeFailpoint>;
}

/** Gives up a call whose client neither sends nor takes anything for `streamIdleTimeoutMs`. Touch it when it does. */
export function idleTimer({ clock, streamIdleTimeoutMs }: CallParts, call: Call): IdleTimer {
  const sentence = `the client neither sent nor took anything for ${streamIdleTimeoutMs} ms`;
  return new IdleTimer(clock, streamIdleTimeoutMs, () => call.abort(new GrpcError(status.DEADLINE_EXCEEDED, sentence)));
}

/** Decodes the one message of a call. Throws GrpcError INVALID_ARGUMENT, and gives up a call whose message does not come. */
export async function requestOf<T>(parts: CallParts, call: Call, codec: { decode(bytes: Uint8Array): T }): Promise<T> {
  using _idle = idleTimer(parts, call);
  const bytes = await call.request();
  try {
    return codec.decode(bytes);
  } catch {
    throw new GrpcError(status.INVALID_ARGUMENT, 'the message cannot be decoded');
  }
}
