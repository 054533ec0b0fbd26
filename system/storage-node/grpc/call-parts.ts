import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import { ChunkError } from '../chunks/chunk-error.ts';
import type { ChunkStore } from '../chunks/chunk-store.ts';
import type { RunningCalls } from './running-calls.ts';

/** What the handlers of all calls work with. */
export interface CallParts {
  readonly store: ChunkStore;
  readonly calls: RunningCalls;
  readonly serverId: string;
  /** A stream on which the client neither sends nor takes anything for this long is given up. */
  readonly streamIdleTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Aborted with ChunkError ClientGone when the client cancels, its deadline passes or its connection breaks. */
export function clientGone(call: { once(event: 'cancelled', listener: () => void): unknown }): AbortController {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort(new ChunkError('ClientGone', 'the client is gone')));
  return gone;
}
