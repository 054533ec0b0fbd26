import type { PlannedFault } from '../../experiment/plan.ts';
import { victimKind } from '../catalogue/victim.ts';
import { checkedEntry } from '../catalogue.ts';

/** The cluster that a package is planned for. */
export interface ClusterShape {
  readonly nodes: number;
  readonly gateways: number;
  readonly replicas: number;
  readonly hasLinks: boolean;
}

/** After a fault has ended its victim needs a moment, until it may be broken again and counts as alive. */
const settleMs = 2_000;

/** They stop or start processes, or need one that works: nothing else may happen to the same part meanwhile. */
const exclusive = new Set(['kill', 'pause', 'shut-down', 'restart', 'half-open', 'sessions-cut', 'slow-queries']).union(
  new Set(['torn-temporary', 'older-data', 'drain', 'join', 'passing-gateway', 'power-cut']),
);
const operators = new Set(['drain', 'join', 'passing-gateway', 'power-cut']);

/**
 * Whether the store must keep all its promises under these faults. Damage counts from its beginning to the end of the run,
 * because nobody knows when it is repaired. Of R replicas at most R-1 may be damaged or dead; with no damage at all one
 * node may be dead in any case, since what it has comes back. No part is broken twice at once in ways that exclude each other.
 */
export function keepsPromise(faults: readonly PlannedFault[], shape: ClusterShape): boolean {
  const damaged = faults.filter((fault) => checkedEntry(fault).harms === 'data of one node');
  const drained = faults.filter(({ name }) => name === 'drain');
  if (nodesOf(damaged).size > shape.replicas - 1 || shape.nodes - drained.length <= shape.replicas) return false;
  if (faults.some((one, n) => faults.slice(n + 1).some((other) => exclude(one, other)))) return false;
  return faults.every(({ atMs }) => {
    const damagedNow = nodesOf(damaged.filter((fault) => fault.atMs <= atMs));
    const deadNow = nodesOf(faults.filter((fault) => isDeadly(fault) && fault.atMs <= atMs && atMs < settledMs(fault)));
    const limit = damagedNow.size === 0 ? Math.max(1, shape.replicas - 1) : shape.replicas - 1;
    return damagedNow.union(deadNow).size <= limit;
  });
}

/** When the fault is over at the latest. */
export function endMs({ atMs, forMs, parameters }: PlannedFault): number {
  return atMs + forMs + Number(parameters['withinMs'] ?? 0);
}

function settledMs(fault: PlannedFault): number {
  return endMs(fault) + settleMs;
}

function isDeadly(fault: PlannedFault): boolean {
  return checkedEntry(fault).harms !== 'nothing';
}

function nodesOf(faults: readonly PlannedFault[]): Set<string> {
  return new Set(faults.flatMap(({ on }) => on.match(/node-\d+/g) ?? []));
}

function exclude(one: PlannedFault, other: PlannedFault): boolean {
  const [first, second] = one.atMs <= other.atMs ? [one, other] : [other, one];
  const drained = first.name === 'drain' ? first : undefined;
  if (drained !== undefined && nodesOf([second]).has(drained.on)) return true;
  if (second.atMs >= settledMs(first)) return false;
  if (operators.has(first.name) || operators.has(second.name)) return true;
  if (!shareAPart(first, second)) return false;
  if (exclusive.has(first.name) || exclusive.has(second.name) || first.name === second.name) return true;
  return victimKind(first.on) === 'node' && victimKind(second.on) === 'node';
}

/** Whether they reach into the same process; what is done to the cluster reaches into all. */
export function shareAPart(one: PlannedFault, other: PlannedFault): boolean {
  if (one.on === 'cluster' || other.on === 'cluster') return true;
  return partsOf(one.on).some((part) => partsOf(other.on).includes(part));
}

function partsOf(on: string): string[] {
  return on.split(' -> ').filter((part) => /\d|postgres/.test(part));
}
