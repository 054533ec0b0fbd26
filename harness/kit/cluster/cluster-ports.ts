import { freePorts } from './ports.ts';

export interface ClusterPorts {
  readonly postgres: number;
  /** One for each gateway. */
  readonly rest: readonly number[];
  readonly s3: readonly number[];
  /** One for each node. */
  readonly nodes: readonly number[];
}

/** The ports that are named, and free ones for all else. */
export async function completePorts(
  named: Partial<ClusterPorts>,
  gateways: number,
  nodes: number,
): Promise<ClusterPorts> {
  const free = await freePorts(1 + 2 * gateways + nodes);
  const take = (count: number, given: readonly number[] = []) =>
    free.splice(0, count).map((port, index) => given[index] ?? port);
  const [postgres] = take(1, named.postgres === undefined ? [] : [named.postgres]) as [number];
  return { postgres, rest: take(gateways, named.rest), s3: take(gateways, named.s3), nodes: take(nodes, named.nodes) };
}
