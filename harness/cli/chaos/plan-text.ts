import type { Plan, PlannedFault } from '../../kit/experiment/plan.ts';

/** What a run is going to do, for people: the store, the operations and every fault with its time. */
export function planText({ seed, scenario, cluster, loadMs, clients, faults }: Plan): string {
  const operations = clients.flatMap((client) => client.operations);
  const kinds = Map.groupBy(operations, ({ call }) => `${call.kind}${call.via === 'files' ? ' (files)' : ''}`);
  const mix = [...kinds]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([kind, { length }]) => `${kind} ${length}`)
    .join(', ');
  const store = [
    many(cluster.nodes, 'node'),
    many(cluster.replicas, 'replica'),
    many(cluster.gateways, 'gateway'),
    ...(cluster.isVersioned ? ['versioned bucket'] : []),
    ...(cluster.target === 'processes' ? [] : [cluster.target]),
    ...(cluster.mutant === null ? [] : [`planted bug ${cluster.mutant}`]),
  ].join(', ');
  return [
    `${scenario}, seed ${seed}: ${store}`,
    `  load    ${loadMs / 1000} s, ${many(clients.length, 'client')}, ${many(operations.length, 'operation')} (${mix})`,
    ...faults.toSorted((a, b) => a.atMs - b.atMs).map((fault) => `  fault   ${faultText(fault)}`),
  ].join('\n');
}

function faultText({ id, name, on, parameters, atMs, forMs }: PlannedFault): string {
  const details = Object.entries(parameters).map(([key, value]) => `${key} ${value}`);
  const lasting = forMs === 0 ? '' : ` for ${(forMs / 1000).toFixed(1)} s`;
  const how = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return `${id.padEnd(4)} at ${(atMs / 1000).toFixed(1)} s: ${name} on ${on}${lasting}${how}`;
}

export function many(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
