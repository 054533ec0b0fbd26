import type { ClusterPorts } from '../../kit/cluster/cluster-ports.ts';
import { isPortFree } from '../../kit/cluster/ports.ts';
import { Complaint } from '../complaint.ts';

export interface WantedPorts {
  readonly restPort: number;
  readonly s3Port: number;
  readonly firstNodePort: number;
  /** The user has named the nodes' ports, and not left them to us. */
  readonly areNodePortsNamed: boolean;
  readonly nodes: number;
}

const portMax = 65_535;

/**
 * The ports to use; PostgreSQL takes any that is free. A busy REST or S3 port is a Complaint: their addresses are
 * what people know. Nodes are found by their ids, and their default ports lie where systems take ports for outgoing connections,
 * so a busy one among them is told and passed over, unless the user has named it.
 */
export async function choosePorts(
  wanted: WantedPorts,
  tell: (line: string) => void,
): Promise<Pick<ClusterPorts, 'rest' | 's3' | 'nodes'>> {
  const complaints: string[] = [];
  if (!(await isPortFree(wanted.restPort))) {
    complaints.push(`port ${wanted.restPort}, for REST, is taken by another program: choose another with --port`);
  }
  if (!(await isPortFree(wanted.s3Port))) {
    complaints.push(`port ${wanted.s3Port}, for S3, is taken by another program: choose another with --s3-port`);
  }
  if (wanted.s3Port === wanted.restPort) {
    complaints.push(`REST and S3 cannot both listen on port ${wanted.restPort}: choose another with --s3-port`);
  }
  const { nodes, busy } = await nodePorts(wanted);
  if (busy.length > 0) {
    const what = `${busy.length === 1 ? `port ${busy[0]} is` : `ports ${busy.join(', ')} are`} taken by another program`;
    if (wanted.areNodePortsNamed) complaints.push(`${what}: choose another first port for the nodes with --node-port`);
    else if (complaints.length === 0)
      tell(`${what}; the nodes listen on ${nodes.join(' ')} (--node-port chooses others).`);
  }
  if (complaints.length > 0) throw new Complaint(complaints.join('\n'));
  return { rest: [wanted.restPort], s3: [wanted.s3Port], nodes };
}

async function nodePorts(wanted: WantedPorts): Promise<{ nodes: number[]; busy: number[] }> {
  const nodes: number[] = [];
  const busy: number[] = [];
  for (let port = wanted.firstNodePort; nodes.length < wanted.nodes; port++) {
    if (port > portMax) throw new Complaint(`there are not enough free ports from ${wanted.firstNodePort} on`);
    if (port !== wanted.restPort && port !== wanted.s3Port && (await isPortFree(port))) nodes.push(port);
    else busy.push(port);
  }
  return { nodes, busy };
}
