import type { Clock } from '../../common/clock.ts';
import { delay } from '../../common/clock.ts';
import { deadline } from '../../common/deadline.ts';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';

export interface HeartbeatParts {
  /** REST URLs of gateways. */
  readonly gateways: readonly string[];
  readonly intervalMs: number;
  readonly clusterToken: string | undefined;
  readonly serverId: string;
  /** host:port */
  readonly grpcAddress: string;
  readonly space: () => Promise<{ availableBytes: number; usedBytes: number; totalBytes: number }>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A gateway that does not answer within this, or within one interval, counts as failed. */
const REQUEST_DEADLINE_MS = 5000;
/** The first wait after a failure; it doubles up to one interval. */
const RETRY_MS = 250;

/** Tells every gateway, from now on, who this node is and how full. The first heartbeat is the announcement. */
export function startHeartbeats(parts: HeartbeatParts): AsyncDisposable {
  const stop = new AbortController();
  const loops = parts.gateways.map((gateway) => keepTelling(parts, gateway, stop.signal));
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('the node stops'));
      await Promise.all(loops);
    },
  };
}

/** Logs only changes: a gateway that is away for an hour is two lines, not 360. */
async function keepTelling(parts: HeartbeatParts, gateway: string, signal: AbortSignal): Promise<void> {
  const log = parts.log.child({ gateway });
  let heard = '';
  let failures = 0;
  while (!signal.aborted) {
    const outcome = await tell(parts, gateway, signal);
    if (signal.aborted) return;
    if (outcome.said !== heard) {
      if (outcome.ok) log.info({ status: outcome.said }, 'the gateway knows this node');
      else log.warn({ reason: outcome.said }, 'the gateway does not take heartbeats');
    }
    heard = outcome.said;
    failures = outcome.ok ? 0 : failures + 1;
    await delay(parts.clock, failures === 0 ? parts.intervalMs : retryAfterMs(parts, failures), signal).catch(() => {});
  }
}

async function tell(
  parts: HeartbeatParts,
  gateway: string,
  signal: AbortSignal,
): Promise<{ ok: boolean; said: string }> {
  const { clock, clusterToken } = parts;
  using limit = deadline(clock, Math.min(REQUEST_DEADLINE_MS, parts.intervalMs), 'the heartbeat', signal);
  try {
    const space = await parts.space();
    const response = await parts.fetch(new URL('/internal/heartbeat', gateway), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(clusterToken === undefined ? {} : { authorization: `Bearer ${clusterToken}` }),
      },
      body: JSON.stringify({
        server_id: parts.serverId,
        grpc_address: parts.grpcAddress,
        available_space: space.availableBytes,
        used_space: space.usedBytes,
        total_space: space.totalBytes,
      }),
      signal: limit.signal,
    });
    // Read to the end, or the connection could not be used again.
    const body = await response.text();
    if (!response.ok) return { ok: false, said: `it answered ${response.status}` };
    return { ok: true, said: statusIn(body) };
  } catch (error) {
    return { ok: false, said: reasonOf(error) };
  }
}

function statusIn(body: string): string {
  try {
    const { status } = JSON.parse(body) as { status?: unknown };
    return typeof status === 'string' ? status : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** fetch hides why it failed in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const told = cause instanceof Error ? cause : error;
  return told instanceof Error ? ((told as NodeJS.ErrnoException).code ?? told.message) : String(told);
}

/** Jittered, so that the nodes of a cluster do not all meet a returning gateway at the same moment. */
function retryAfterMs({ random, intervalMs }: HeartbeatParts, failures: number): number {
  const ceilingMs = Math.min(intervalMs, RETRY_MS * 2 ** Math.min(failures, 20));
  return Math.ceil(ceilingMs / 2) + random.below(Math.max(1, Math.floor(ceilingMs / 2)));
}
