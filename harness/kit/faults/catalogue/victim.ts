import type { Cluster, ManagedNode, ManagedProcess } from '../../cluster/target.ts';
import type { PlannedFault } from '../../experiment/plan.ts';

export type VictimKind =
  | 'node'
  | 'gateway'
  | 'postgres'
  | 'cluster'
  | 'link:gateway->node'
  | 'link:client->gateway'
  | 'link:gateway->postgres'
  | 'link:node->gateway';

/** A planned fault that cannot be made: a mistake in the plan, not of the store. */
export class BadFault extends Error {
  override name = 'BadFault';
}

const patterns: Readonly<Record<VictimKind, RegExp>> = {
  node: /^node-\d+$/,
  gateway: /^gateway-\d+$/,
  postgres: /^postgres$/,
  cluster: /^cluster$/,
  'link:gateway->node': /^gateway -> node-\d+$/,
  'link:client->gateway': /^client -> gateway-\d+$/,
  'link:gateway->postgres': /^gateway -> postgres$/,
  'link:node->gateway': /^node-\d+ -> gateway-\d+$/,
};

/** Undefined for what is no victim. */
export function victimKind(on: string): VictimKind | undefined {
  return (Object.keys(patterns) as VictimKind[]).find((kind) => patterns[kind].test(on));
}

/** The part that does not serve while the link or the process is broken: the one that is dialled. */
export function servingEnd(on: string): string {
  return on.split(' -> ').at(-1) as string;
}

/** Throws BadFault. */
export function processOf(name: string, { nodes, gateways, postgres }: Cluster): ManagedProcess {
  return found(name, [...nodes, ...gateways, postgres]);
}

/** Throws BadFault. */
export function nodeOf({ on }: PlannedFault, { nodes }: Cluster): ManagedNode {
  return found(on, nodes);
}

function found<T extends ManagedProcess>(name: string, among: readonly T[]): T {
  const one = among.find((process) => process.name === name);
  if (one === undefined) {
    throw new BadFault(`there is no ${name} in the cluster, but: ${among.map((process) => process.name).join(', ')}`);
  }
  return one;
}
