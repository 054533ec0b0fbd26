import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../experiment/plan.ts';
import type { Call } from '../history/events.ts';
import { connectGateways, type GatewayConnections, type RunDeps } from './gateway-connections.ts';

const readersPerGateway = 4;
const pauseBeforeNextTryMs = 250;

/**
 * Reads every key of the plan once through each gateway, and lists them all, as recorded operations. What failed is tried again,
 * as an operation of its own, until it is answered or `patienceMs` have passed (default: as long as the store may take to recover).
 */
export async function finalReads(plan: Plan, deps: RunDeps, patienceMs = plan.limits.recoveryMs): Promise<void> {
  using gateways = connectGateways(deps, plan.limits.operationMs);
  const until = AbortSignal.any([deps.signal, AbortSignal.timeout(patienceMs)]);
  await Promise.all(gateways.map((gateway) => readAll(gateway, plan, until)));
}

async function readAll(gateway: GatewayConnections, plan: Plan, until: AbortSignal): Promise<void> {
  const puts = plan.clients
    .flatMap(({ operations }) => operations)
    .flatMap(({ call }) => (call.kind === 'put' ? [call] : []));
  // Lists come first: they tell the ids of files whose upload was never answered.
  await readEach(gateway, unique(puts.map(({ via, key }) => ({ via, kind: 'list', prefix: folderOf(key) }))), until);
  await readEach(gateway, unique(puts.map(({ via, key }) => ({ via, kind: 'get', key, range: null }))), until);
}

async function readEach(gateway: GatewayConnections, calls: readonly Call[], until: AbortSignal): Promise<void> {
  const left = calls.values();
  const readers = Array.from({ length: readersPerGateway }, async (_, n) => {
    for (const call of left) await readOne(gateway, `reader-${n + 1} of ${gateway.name}`, call, until);
  });
  await Promise.all(readers);
}

async function readOne(gateway: GatewayConnections, process: string, call: Call, until: AbortSignal): Promise<void> {
  if (!gateway.canCall(call)) return;
  while (!until.aborted) {
    const { type } = await gateway.call(process, call);
    if (type === 'ok') return;
    await sleep(pauseBeforeNextTryMs, undefined, { signal: until }).catch(() => {});
  }
}

/** `registers/` of `registers/7`, `files-` of `files-7`. */
function folderOf(key: string): string {
  return key.slice(0, key.search(/[/-]/) + 1);
}

function unique(calls: readonly Call[]): Call[] {
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}
