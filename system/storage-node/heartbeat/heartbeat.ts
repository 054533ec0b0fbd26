import type { Clock } from '../../common/clock.ts';
import { delay } from '../../common/clock.ts';
import { deadline } from '../../common/deadline.ts';
import type { Failpoints } from '../../common/failpoint.ts';
import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import type { NodeFailpoint } from '../failpoints.ts';

export interface HeartbeatParts {
  /** REST URLs of gateways. */
  readonly gateways: readonly string[];
  readonly intervalMs: number;
  readonly clusterToken: string | undefined;
  readonly serverId: string;
  /** Random for every start of the process. */
  readonly instanceId: string;
  readonly cluster: KnownCluster;
  /** The gateways that refuse this node at the moment: kept up to date here, told by HealthCheck. */
  readonly refusedBy: Set<string>;
  /** host:port */
  readonly grpcAddress: string;
  readonly space: () => Promise<{ availableBytes: number; usedBytes: number; totalBytes: number }>;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly failpoints: Failpoints<NodeFailpoint>;
}

/** The cluster that the data belongs to. */
export interface KnownCluster {
  readonly value: string | undefined;
  /** Resolves with false when the data belongs to another cluster than this, which a gateway told. */
  learn(clusterId: string): Promise<boolean>;
}

/** A gateway that does not answer within this, or within one interval, counts as failed. */
const REQUEST_DEADLINE_MS = 5000;
/** The HTTP status by which a gateway says that it does not want this node. */
const CONFLICT = 409;
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

/** `said` is what changes are told by: the status of this node, or what went wrong. */
type Outcome = { readonly kind: 'taken' | 'refused' | 'failed'; readonly said: string };

/** Logs only changes: a gateway that is away for an hour is two lines, not 360. */
async function keepTelling(parts: HeartbeatParts, gateway: string, signal: AbortSignal): Promise<void> {
  const log = parts.log.child({ gateway });
  let heard = '';
  let failures = 0;
  while (!signal.aborted) {
    const { kind, said } = await tell(parts, gateway, signal);
    if (signal.aborted) return;
    if (said !== heard) report(log, kind, said);
    if (kind === 'refused') parts.refusedBy.add(gateway);
    else if (kind === 'taken') parts.refusedBy.delete(gateway);
    heard = said;
    failures = kind === 'taken' ? 0 : failures + 1;
    await delay(parts.clock, failures === 0 ? parts.intervalMs : retryAfterMs(parts, failures), signal).catch(() => {});
  }
}

function report(log: Logger, kind: Outcome['kind'], said: string): void {
  if (kind === 'taken') log.info({ status: said }, 'the gateway knows this node');
  else if (kind === 'refused') log.error({ reason: said }, 'the gateway refuses this node; it goes on asking');
  else log.warn({ reason: said }, 'the gateway does not take heartbeats');
}

async function tell(parts: HeartbeatParts, gateway: string, signal: AbortSignal): Promise<Outcome> {
  using limit = deadline(parts.clock, Math.min(REQUEST_DEADLINE_MS, parts.intervalMs), 'the heartbeat', signal);
  try {
    // A disk that does not answer cannot be told to give up: nobody waits for it any more.
    return await Promise.race([ask(parts, gateway, limit.signal), aborted(limit.signal)]);
  } catch (error) {
    return { kind: 'failed', said: reasonOf(error) };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function ask(parts: HeartbeatParts, gateway: string, signal: AbortSignal): Promise<Outcome> {
  const { clusterToken } = parts;
  await parts.failpoints.reach('heartbeat.before');
  const space = await parts.space();
  const response = await parts.fetch(new URL('/internal/heartbeat', gateway), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(clusterToken === undefined ? {} : { authorization: `Bearer ${clusterToken}` }),
    },
    body: JSON.stringify({
      server_id: parts.serverId,
      instance_id: parts.instanceId,
      cluster_id: parts.cluster.value,
      grpc_address: parts.grpcAddress,
      available_space: space.availableBytes,
      used_space: space.usedBytes,
      total_space: space.totalBytes,
    }),
    signal,
  });
  // Read to the end, or the connection could not be used again.
  const answer = fieldsOf(await response.text());
  if (response.status === CONFLICT) return { kind: 'refused', said: answer.error ?? 'it gave no reason' };
  if (!response.ok) return { kind: 'failed', said: `it answered ${response.status}` };
  if (answer.cluster_id !== undefined && !(await parts.cluster.learn(answer.cluster_id))) {
    const own = `the data of this node belongs to cluster ${parts.cluster.value}`;
    return { kind: 'refused', said: `${own}, and the gateway to ${answer.cluster_id}` };
  }
  return { kind: 'taken', said: answer.status ?? 'unknown' };
}

/** The texts in an answer; none when it is not JSON. */
function fieldsOf(body: string): { readonly [name in 'status' | 'cluster_id' | 'error']?: string } {
  try {
    const fields = Object.entries(JSON.parse(body) as object);
    return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
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
