import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../experiment/plan.ts';
import type { Call } from '../history/events.ts';
import { connectGateways, type GatewayConnections, type RunDeps } from './gateway-connections.ts';

const readersPerGateway = 4;
const pauseBeforeNextTryMs = 250;

export type Tries = 'until answered' | 'once';

interface Reading {
  readonly signal: AbortSignal;
  readonly tries: Tries;
}

/**
 * Reads every key of the plan once through each gateway, and lists them all, as recorded operations. What failed is tried again,
 * as an operation of its own, until it is answered or `limits.recoveryMs` have passed; or never, where it would bring nothing.
 */
export async function finalReads(plan: Plan, deps: RunDeps, tries: Tries = 'until answered'): Promise<void> {
  using gateways = connectGateways(deps, plan.limits.operationMs);
  const until = AbortSignal.any([deps.signal, AbortSignal.timeout(plan.limits.recoveryMs)]);
  const signal = tries === 'once' ? deps.signal : until;
  await Promise.all(gateways.map((gateway) => readAll(gateway, plan, { signal, tries })));
}

async function readAll(gateway: GatewayConnections, plan: Plan, reading: Reading): Promise<void> {
  const puts = plan.clients
    .flatMap(({ operations }) => operations)
    .flatMap(({ call }) => (call.kind === 'put' ? [call] : []));
  // Lists come first: they tell the ids of files whose upload was never answered.
  await readEach(gateway, unique(puts.map(({ via, key }) => ({ via, kind: 'list', prefix: folderOf(key) }))), reading);
  await readEach(gateway, unique(puts.map(({ via, key }) => ({ via, kind: 'get', key, range: null }))), reading);
}

async function readEach(gateway: GatewayConnections, calls: readonly Call[], reading: Reading): Promise<void> {
  const left = calls.values();
  const readers = Array.from({ length: readersPerGateway }, async (_, n) => {
    for (const call of left) await readOne(gateway, `reader-${n + 1} of ${gateway.name}`, call, reading);
  });
  await Promise.all(readers);
}

async function readOne(
  gateway: GatewayConnections,
  process: string,
  call: Call,
  { signal, tries }: Reading,
): Promise<void> {
  if (!gateway.canCall(call)) return;
  while (!signal.aborted) {
    const { type } = await gateway.call(process, call);
    if (type === 'ok' || tries === 'once') return;
    await sleep(pauseBeforeNextTryMs, undefined, { signal }).catch(() => {});
  }
}

/** `registers/` of `registers/7`, `files-` of `files-7`. */
function folderOf(key: string): string {
  return key.slice(0, key.search(/[/-]/) + 1);
}

function unique(calls: readonly Call[]): Call[] {
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}
