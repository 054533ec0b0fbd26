import type { ServerId } from './membership.ts';

/**
 * What a server's replicas count for. `settled`: towards the number of replicas. `leaving`: the server is being drained,
 * its replicas are good until the drain has moved them. `lost`: not at all.
 */
export type Standing = 'settled' | 'leaving' | 'lost';

export interface ReplicasInDoubt {
  readonly serverIds: readonly ServerId[];
  /** Servers whose replica is known to be bad, and how. */
  readonly problems: ReadonlyMap<ServerId, 'absent' | 'damaged'>;
}

export type RepairPlan =
  | { readonly kind: 'nothing' }
  /** So many replicas are to be made, from `sources`, the best first; of the listed ones, `bad` count for nothing. */
  | {
      readonly kind: 'make';
      readonly missing: number;
      readonly good: readonly ServerId[];
      readonly sources: readonly ServerId[];
      readonly bad: readonly ServerId[];
    }
  /** There are enough good ones: once all of `keep` have been verified, `drop` may go. */
  | { readonly kind: 'trim'; readonly keep: readonly ServerId[]; readonly drop: readonly ServerId[] };

/** Decides what a chunk needs. `loadOf` says how full a server is: the fullest gives up a surplus replica. */
export function planRepair(
  { serverIds, problems }: ReplicasInDoubt,
  replicas: number,
  standingOf: (serverId: ServerId) => Standing,
  loadOf: (serverId: ServerId) => number,
): RepairPlan {
  const good = serverIds.filter((serverId) => !problems.has(serverId) && standingOf(serverId) !== 'lost');
  const bad = serverIds.filter((serverId) => !good.includes(serverId));
  if (good.length < replicas) {
    // A damaged replica may be good where another is damaged; an absent one may have come back; a lost server may answer.
    const rank = (serverId: ServerId) => (problems.get(serverId) === 'absent' ? 2 : problems.has(serverId) ? 0 : 1);
    const sources = [...good, ...bad.toSorted((a, b) => rank(a) - rank(b))];
    return { kind: 'make', missing: replicas - good.length, good, sources, bad };
  }
  const settled = good.filter((serverId) => standingOf(serverId) === 'settled').sort((a, b) => loadOf(a) - loadOf(b));
  // While fewer than enough are settled, those that are leaving are needed: the drain moves them.
  const keep = settled.length >= replicas ? settled.slice(0, replicas) : good;
  const drop = serverIds.filter((serverId) => !keep.includes(serverId));
  return drop.length === 0 ? { kind: 'nothing' } : { kind: 'trim', keep, drop };
}
