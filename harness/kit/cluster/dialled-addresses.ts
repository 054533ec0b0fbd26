import type { ClusterPorts } from './cluster-ports.ts';
import type { Links } from './start-cluster.ts';

/** What is dialled in place of an address, where something stands before it; for a gateway, by who dials: `node-2 -> 127.0.0.1:8080`. */
export async function dialledAddresses(
  links: Links | undefined,
  ports: ClusterPorts,
  nodeNumbers: readonly number[],
): Promise<Map<string, string>> {
  const dialled = new Map<string, string>();
  if (links === undefined) return dialled;
  const postgres = `127.0.0.1:${ports.postgres}`;
  dialled.set(postgres, await links.toPostgres(postgres));
  for (const [index, port] of ports.nodes.entries()) {
    const address = `127.0.0.1:${port}`;
    dialled.set(address, await links.toNode(address, index));
  }
  const gateways = ports.rest.map((port) => `127.0.0.1:${port}`);
  for (const number of nodeNumbers) await dialGateways(dialled, links, number, gateways);
  return dialled;
}

/** What one node dials in place of each gateway. */
export async function dialGateways(
  dialled: Map<string, string>,
  links: Links | undefined,
  node: number,
  gateways: readonly string[],
): Promise<void> {
  if (links?.toGateway === undefined) return;
  for (const [index, address] of gateways.entries()) {
    const seen = await links.toGateway(address, `gateway-${index + 1}`, `node-${node}`);
    dialled.set(`node-${node} -> ${address}`, seen);
  }
}
