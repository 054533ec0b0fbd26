import type { ServerId } from './membership.ts';
import { ringHash } from './ring-hash.ts';

/** Virtual nodes of a server of median capacity (Karger et al. 1997; weights as in Dynamo, 2007). */
export const VIRTUAL_NODES_PER_SERVER = 150;
const VIRTUAL_NODES_MAX = 8 * VIRTUAL_NODES_PER_SERVER;

export interface RingMember {
  readonly serverId: ServerId;
  readonly capacityBytes: number;
}

export interface RingPoint {
  readonly serverId: ServerId;
  readonly virtualNodeIndex: number;
  readonly hashValue: number;
}

/** A consistent-hash ring. Immutable; the same members give the same ring everywhere, in any order. */
export class Ring {
  readonly points: readonly RingPoint[];
  readonly #hashes: Float64Array;

  constructor(members: readonly RingMember[]) {
    const median = medianCapacity(members);
    this.points = members.flatMap((member) => virtualNodes(member, median)).sort(byPosition);
    this.#hashes = Float64Array.from(this.points, (point) => point.hashValue);
  }

  /** Every server once, in the order in which the ring meets them clockwise from `key`. */
  *walk(key: string): Generator<ServerId> {
    const seen = new Set<ServerId>();
    const start = this.#firstAtOrAfter(ringHash(key));
    for (let step = 0; step < this.points.length; step++) {
      const point = this.points[(start + step) % this.points.length];
      if (point === undefined || seen.has(point.serverId)) continue;
      seen.add(point.serverId);
      yield point.serverId;
    }
  }

  #firstAtOrAfter(hash: number): number {
    let low = 0;
    let high = this.#hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#hashes[middle] ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function virtualNodes(member: RingMember, medianBytes: number): RingPoint[] {
  const weight = medianBytes > 0 ? member.capacityBytes / medianBytes : 1;
  const count = Math.min(VIRTUAL_NODES_MAX, Math.max(1, Math.round(VIRTUAL_NODES_PER_SERVER * weight)));
  return Array.from({ length: count }, (_, virtualNodeIndex) => ({
    serverId: member.serverId,
    virtualNodeIndex,
    hashValue: ringHash(`${member.serverId}#${virtualNodeIndex}`),
  }));
}

function medianCapacity(members: readonly RingMember[]): number {
  const sorted = members.map((member) => member.capacityBytes).sort((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? 0;
}

/** Ties between servers are broken by name, so that every gateway sorts alike. */
function byPosition(a: RingPoint, b: RingPoint): number {
  return a.hashValue - b.hashValue || (a.serverId < b.serverId ? -1 : 1);
}
