import { isPortFree } from '../../kit/cluster/ports.ts';
import type { ClusterPorts } from '../../kit/cluster/start-cluster.ts';
import { Complaint } from '../complaint.ts';

/** The ports that the user wants; PostgreSQL takes any that is free. Throws Complaint naming every busy one. */
export async function choosePorts(wanted: {
  readonly restPort: number;
  readonly firstNodePort: number;
  readonly nodes: number;
}): Promise<Pick<ClusterPorts, 'rest' | 'nodes'>> {
  const nodes = Array.from({ length: wanted.nodes }, (_, index) => wanted.firstNodePort + index);
  const complaints: string[] = [];
  if (!(await isPortFree(wanted.restPort))) {
    complaints.push(`port ${wanted.restPort}, for REST, is taken by another program: choose one with --port`);
  }
  const busy: number[] = [];
  for (const port of nodes) if (!(await isPortFree(port))) busy.push(port);
  if (busy.length > 0) {
    const many =
      busy.length === 1
        ? `port ${busy[0]}, for a storage node, is`
        : `ports ${busy.join(', ')}, for storage nodes, are`;
    complaints.push(`${many} taken by another program: choose the first of ${wanted.nodes} with --node-port`);
  }
  if (complaints.length > 0) throw new Complaint(complaints.join('\n'));
  return { rest: [wanted.restPort], nodes };
}
