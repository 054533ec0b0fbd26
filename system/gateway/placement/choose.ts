import type { ServerId } from './membership.ts';
import type { Ring } from './ring.ts';

/** A server may hold this much more than the mean before the ring's choice passes over it (bounded loads, Mirrokni et al. 2018). */
const LOAD_SLACK = 1.02;

export interface Candidate {
  readonly serverId: ServerId;
  /** Bytes stored and assigned, relative to the server's weight; only differences between servers matter. */
  readonly load: number;
}

/**
 * Chooses servers for the chunks of one file: `result[chunk][0]` is the primary. A chunk's replicas lie on
 * different servers, and for each rank (all primaries, all second replicas ...) no server is used twice before
 * every candidate is used once. Returns undefined when there are fewer candidates than replicas.
 */
export function chooseServers(
  ring: Ring,
  candidates: readonly Candidate[],
  key: string,
  chunks: number,
  replicas: number,
): ServerId[][] | undefined {
  if (candidates.length < replicas) return undefined;
  const orders = Array.from({ length: chunks }, (_, chunk) => preference(ring, candidates, `${key}/${chunk}`));
  const chosen: ServerId[][] = orders.map(() => []);
  for (let rank = 0; rank < replicas; rank++) {
    const allowed = orders.map((order, chunk) => order.filter((serverId) => !chosen[chunk]?.includes(serverId)));
    for (const [chunk, serverId] of assign(allowed).entries()) chosen[chunk]?.push(serverId);
  }
  return chosen;
}

/** The candidates in ring order, those above the load limit last. */
function preference(ring: Ring, candidates: readonly Candidate[], key: string): ServerId[] {
  const limit = (candidates.reduce((sum, { load }) => sum + load, 0) / candidates.length) * LOAD_SLACK;
  const loads = new Map(candidates.map(({ serverId, load }) => [serverId, load]));
  const order = [...ring.walk(key)].filter((serverId) => loads.has(serverId));
  const isLight = (serverId: ServerId) => (loads.get(serverId) ?? 0) <= limit;
  return [...order.filter(isLight), ...order.filter((serverId) => !isLight(serverId))];
}

/**
 * Gives each chunk one of its allowed servers, earlier wishes first, using no server more often than needed: bipartite
 * matching by augmenting paths (Kuhn 1955), since a greedy pass can leave the last chunk only a server that
 * already holds its other replica.
 */
function assign(allowed: readonly (readonly ServerId[])[]): ServerId[] {
  const tenants = new Map<ServerId, number[]>();
  const place = (chunk: number, slots: number, visited: Set<ServerId>): boolean => {
    for (const serverId of allowed[chunk] ?? []) {
      if (visited.has(serverId)) continue;
      visited.add(serverId);
      const here = tenants.get(serverId) ?? [];
      const leaving = here.length < slots ? undefined : here.find((tenant) => place(tenant, slots, visited));
      if (here.length >= slots && leaving === undefined) continue;
      tenants.set(serverId, [...(tenants.get(serverId) ?? []).filter((tenant) => tenant !== leaving), chunk]);
      return true;
    }
    return false;
  };
  for (const chunk of allowed.keys()) {
    for (let slots = 1; !place(chunk, slots, new Set()); ) slots++;
  }
  const result: ServerId[] = [];
  for (const [serverId, chunks] of tenants) for (const chunk of chunks) result[chunk] = serverId;
  return result;
}
