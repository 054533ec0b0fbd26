import type { MembershipSnapshot } from '../placement/membership.ts';

export interface HealthDeps {
  readonly membership: () => MembershipSnapshot;
  readonly ping: () => Promise<void>;
  /** As many active nodes are needed before files can be stored. */
  readonly nodesNeeded: number;
}

/** GET /health: that the gateway runs, and with how many active storage servers. */
export function health(deps: HealthDeps) {
  return { status: 'healthy', storage_servers: activeServers(deps) };
}

/** GET /health/ready: whether a file could be stored now, and if not, why not. */
export async function readiness(
  deps: HealthDeps,
): Promise<{ ready: boolean; reasons: string[]; storage_servers: number }> {
  const reasons: string[] = [];
  const active = activeServers(deps);
  if (active < deps.nodesNeeded) reasons.push(`${active} storage nodes are active, ${deps.nodesNeeded} are needed`);
  await deps.ping().catch(() => reasons.push('the database does not answer'));
  return { ready: reasons.length === 0, reasons, storage_servers: active };
}

function activeServers(deps: HealthDeps): number {
  return [...deps.membership().servers.values()].filter((server) => server.status === 'active').length;
}
