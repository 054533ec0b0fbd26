import type { ServerId } from './membership.ts';

/** Servers are even when each is within this part of its share. */
const TOLERANCE = 0.04;
/** Of two servers that may take a replica from one that leaves, one that would be fuller than this comes last. */
const SHARE_SLACK = 1.02;

export interface ServerFill {
  readonly serverId: ServerId;
  /** A leaving server gives all it has and gets nothing. */
  readonly isLeaving: boolean;
  readonly capacityBytes: number;
  /** What its replicas are long. */
  readonly replicaBytes: number;
  /** What it may take at most. */
  readonly roomBytes: number;
}

/** A chunk and where the replicas of its whole file lie. In a list of servers the first is the primary. */
export interface PlacedChunk {
  readonly chunkId: string;
  readonly sizeBytes: number;
  readonly serverIds: readonly ServerId[];
  readonly siblings: readonly { readonly chunkId: string; readonly serverIds: readonly ServerId[] }[];
}

export interface Move<Chunk extends PlacedChunk = PlacedChunk> {
  readonly chunk: Chunk;
  readonly from: ServerId;
  readonly to: ServerId;
  /** The servers of the chunk afterwards, the primary first; undefined: `to` takes the place of `from`. */
  readonly order: readonly ServerId[] | undefined;
}

/** How files are spread when they are written. */
export interface Spreading {
  readonly chunksPerFile: number;
  readonly replicas: number;
}

interface Fill {
  readonly serverId: ServerId;
  readonly isLeaving: boolean;
  /** What it holds when all are even. */
  readonly shareBytes: number;
  bytes: number;
  roomBytes: number;
}

/** A server that may take a replica. */
interface Wish {
  readonly fill: Fill;
  readonly order: readonly ServerId[];
  readonly isInPlace: boolean;
  readonly clashes: number;
}

/**
 * Which replicas move where, so that servers that leave become empty and all others even, by moving as little as
 * needed: bytes go only from above a server's share to below another's. It takes values and gives values; whoever carries the
 * moves out reports those that failed.
 */
export class RebalancePlan {
  readonly #fills: ReadonlyMap<ServerId, Fill>;

  constructor(servers: readonly ServerFill[], spreading: Spreading) {
    const shares = sharesOf(servers, spreading);
    this.#fills = new Map(
      servers.map(({ serverId, isLeaving, replicaBytes: bytes, roomBytes }) => {
        const shareBytes = shares.get(serverId) ?? 0;
        return [serverId, { serverId, isLeaving, shareBytes, bytes, roomBytes }];
      }),
    );
  }

  /** By how much of the mean the fullest and the emptiest of the servers that stay differ. */
  get spread(): number {
    const ratios = this.#staying().map(ratio);
    return ratios.length === 0 ? 0 : Math.max(...ratios) - Math.min(...ratios);
  }

  /** Bytes on servers that leave, and above the shares of those that stay. */
  get leftBytes(): number {
    return [...this.#fills.values()].reduce((sum, { bytes, shareBytes }) => sum + Math.max(0, bytes - shareBytes), 0);
  }

  /** The server to take from next, none of `except`: one that leaves, else the fullest, unless all are even. */
  donor(except: ReadonlySet<ServerId> = new Set()): ServerId | undefined {
    const leaving = [...this.#fills.values()].filter(({ isLeaving, serverId }) => isLeaving && !except.has(serverId));
    if (leaving.length > 0) return leaving.sort((a, b) => b.bytes - a.bytes)[0]?.serverId;
    if (this.#isEven()) return undefined;
    const above = this.#staying().filter((fill) => fill.bytes > fill.shareBytes && !except.has(fill.serverId));
    return above.sort((a, b) => ratio(b) - ratio(a))[0]?.serverId;
  }

  /** The moves off `donor` of those of its chunks in `page` that should move. The plan counts them as done. */
  moves<Chunk extends PlacedChunk>(donor: ServerId, page: readonly Chunk[]): Move<Chunk>[] {
    const from = this.#fills.get(donor);
    if (from === undefined) return [];
    const moves: Move<Chunk>[] = [];
    const now = new Map(page.map(({ chunkId, serverIds }) => [chunkId, serverIds]));
    for (const chunk of page) {
      if (!from.isLeaving && (from.bytes <= from.shareBytes || this.#isEven())) break;
      const siblings = chunk.siblings.map(({ chunkId, serverIds }) => now.get(chunkId) ?? serverIds);
      const wish = this.#target(chunk, from, siblings);
      if (wish === undefined) continue;
      const { fill, order, isInPlace } = wish;
      const move = { chunk, from: donor, to: fill.serverId, order: isInPlace ? undefined : order };
      now.set(chunk.chunkId, order);
      this.#count(move, 1);
      moves.push(move);
    }
    return moves;
  }

  /** A move that was planned has not happened. */
  undo(move: Move): void {
    this.#count(move, -1);
  }

  #staying(): Fill[] {
    return [...this.#fills.values()].filter(({ isLeaving }) => !isLeaving);
  }

  #isEven(): boolean {
    return this.#staying().every((fill) => Math.abs(ratio(fill) - 1) <= TOLERANCE);
  }

  /**
   * Never a server that has the chunk. Preferably one with which no two chunks of the file have the same server as their
   * primary (or second replica ...), so that six chunks stay on six servers; then one with few of the file's
   * replicas; then the emptiest. A server that is only too full has other chunks to give, so that the first of these is a
   * condition there, if enough servers stay.
   */
  #target(chunk: PlacedChunk, from: Fill, siblings: readonly (readonly ServerId[])[]): Wish | undefined {
    const { sizeBytes, serverIds } = chunk;
    const staying = this.#staying();
    const mustNotClash = !from.isLeaving && staying.length > siblings.length;
    const clashesMax = mustNotClash ? clashes(serverIds, siblings) : Number.POSITIVE_INFINITY;
    const wishes = staying
      .filter((fill) => !serverIds.includes(fill.serverId) && fill.roomBytes >= sizeBytes)
      .filter((fill) => from.isLeaving || isImprovement(from, fill, sizeBytes))
      .map((fill) => ({
        fill,
        ...bestOrder(serverIds, from.serverId, fill.serverId, siblings),
        isHeavy: fill.bytes + sizeBytes > fill.shareBytes * SHARE_SLACK,
        shared: siblings.filter((servers) => servers.includes(fill.serverId)).length,
      }))
      .filter((wish) => wish.clashes <= clashesMax);
    wishes.sort(
      (a, b) =>
        a.clashes - b.clashes ||
        Number(a.isHeavy) - Number(b.isHeavy) ||
        a.shared - b.shared ||
        ratio(a.fill) - ratio(b.fill),
    );
    return wishes[0];
  }

  #count({ chunk, from, to }: Move, sign: 1 | -1): void {
    const bytes = sign * chunk.sizeBytes;
    const [donor, taker] = [this.#fills.get(from), this.#fills.get(to)];
    if (donor !== undefined) donor.bytes -= bytes;
    if (taker === undefined) return;
    taker.bytes += bytes;
    taker.roomBytes -= bytes;
  }
}

function ratio({ bytes, shareBytes }: Fill): number {
  return shareBytes === 0 ? 1 : bytes / shareBytes;
}

/** From above one share to below another, and not so much that one of the two ends where the other was. */
function isImprovement(from: Fill, to: Fill, sizeBytes: number): boolean {
  const takerAfter = (to.bytes + sizeBytes) / to.shareBytes;
  const donorAfter = (from.bytes - sizeBytes) / from.shareBytes;
  return to.bytes < to.shareBytes && takerAfter < ratio(from) && donorAfter >= ratio(to);
}

/**
 * By capacity, but no more than a server can hold: a chunk is on it once at most, and while there are enough servers for the
 * chunks of a file, so is each of a file's primaries, second replicas and so on.
 */
function sharesOf(servers: readonly ServerFill[], { chunksPerFile, replicas }: Spreading): Map<ServerId, number> {
  const total = servers.reduce((sum, { replicaBytes }) => sum + replicaBytes, 0);
  let open = servers.filter(({ isLeaving }) => !isLeaving);
  const most = total * Math.min(1 / replicas, Math.ceil(chunksPerFile / open.length) / chunksPerFile);
  const shares = new Map<ServerId, number>();
  for (let left = total; open.length > 0; ) {
    const capacity = Math.max(1, sumOf(open.map(({ capacityBytes }) => capacityBytes)));
    const part = ({ capacityBytes }: ServerFill) => (left * capacityBytes) / capacity;
    const over = open.filter((server) => part(server) > most);
    for (const server of over.length > 0 ? over : open) shares.set(server.serverId, Math.min(most, part(server)));
    if (over.length === 0) break;
    open = open.filter((server) => !over.includes(server));
    left -= over.length * most;
  }
  return shares;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** On how many ranks (primary, second replica ...) another chunk of the file has the same server. */
function clashes(servers: readonly ServerId[], siblings: readonly (readonly ServerId[])[]): number {
  return servers.filter((serverId, rank) => siblings.some((others) => others[rank] === serverId)).length;
}

/** `to` in the place of `from`, or changed over with another replica where that clashes less. */
function bestOrder(
  servers: readonly ServerId[],
  from: ServerId,
  to: ServerId,
  siblings: readonly (readonly ServerId[])[],
): Pick<Wish, 'order' | 'clashes' | 'isInPlace'> {
  const rank = servers.indexOf(from);
  const inPlace = servers.with(rank, to);
  let best = { order: inPlace, clashes: clashes(inPlace, siblings), isInPlace: true };
  for (const [other, serverId] of inPlace.entries()) {
    const order = inPlace.with(rank, serverId).with(other, to);
    const count = clashes(order, siblings);
    if (count < best.clashes) best = { order, clashes: count, isInPlace: false };
  }
  return best;
}
