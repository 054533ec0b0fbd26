import type { Plan } from '../experiment/plan.ts';
import { connectGateways, type RunDeps } from './gateway-connections.ts';
import { PlannedClient } from './planned-client.ts';

/**
 * The load of a run: all clients of the plan at once, until their lists end or the load has lasted as long as planned. Resolves
 * when every operation has ended, which is at the latest `limits.operationMs` later. Rejects when the harness itself fails.
 */
export async function runClients(plan: Plan, deps: RunDeps): Promise<void> {
  using gateways = connectGateways(deps, plan.limits.operationMs);
  const failed = new AbortController();
  const until = AbortSignal.any([deps.signal, failed.signal, AbortSignal.timeout(plan.loadMs)]);
  const clients = plan.clients.map((client) => new PlannedClient(client, gateways).run(until));
  try {
    await Promise.all(clients);
  } finally {
    failed.abort();
    await Promise.allSettled(clients);
  }
}
