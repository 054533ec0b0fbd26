import type { Logger } from '../../common/log.ts';
import type { ServerStatus } from '../placement/membership.ts';
import { StoreError } from './errors.ts';
import { NodeFailure, type Nodes } from './ports.ts';
import type { Heartbeat, ServerHolder, ServerRegistry } from './server-registry.ts';

export interface AdmissionDeps {
  readonly registry: ServerRegistry;
  readonly nodes: Nodes;
  readonly clusterId: string;
  /** A server that was heard of within this holds its id until it is known to have left. */
  readonly freshMs: number;
  readonly log: Logger;
}

/** The holder may change while it is asked; more often than this it does not. */
const ATTEMPTS_MAX = 3;

/**
 * Takes a heartbeat, unless its sender must not be a server: its data belongs to another cluster, it was removed, or
 * another process has its id. That one is asked at its own address: when nobody answers there, or the sender
 * itself does, the server has moved or was started again. Throws StoreError ServerRefused, with a sentence for the node's log.
 */
export async function admitServer(deps: AdmissionDeps, heartbeat: Heartbeat): Promise<ServerStatus> {
  const { serverId, clusterId } = heartbeat;
  if (clusterId !== undefined && clusterId !== deps.clusterId) {
    throw refused(`the data of ${serverId} belongs to cluster ${clusterId}, and this is cluster ${deps.clusterId}`);
  }
  let replaced: ServerHolder | undefined;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const outcome = await deps.registry.heartbeat(heartbeat, deps.freshMs, replaced);
    if ('taken' in outcome) return outcome.taken;
    const { heldBy } = outcome;
    if (heldBy.status === 'removed') {
      throw refused(`${serverId} was removed; to take it back: POST /admin/storage-servers/${serverId}/activate`);
    }
    if (await isAnother(deps, heartbeat, heldBy)) {
      throw refused(`${serverId} is the id of another node, which answers at ${heldBy.grpcAddress}`);
    }
    deps.log.info({ serverId, from: heldBy.grpcAddress, to: heartbeat.grpcAddress }, 'a storage server was replaced');
    replaced = heldBy;
  }
  throw refused(`${serverId} is the id of several nodes that take turns`);
}

/** Whether a process other than the sender answers to the sender's name at the address of the id's holder. */
async function isAnother({ nodes }: AdmissionDeps, sender: Heartbeat, holder: ServerHolder): Promise<boolean> {
  try {
    const found = await nodes.probe(holder.grpcAddress);
    if (found.serverId !== sender.serverId) return false;
    return sender.instanceId === undefined || found.instanceId !== sender.instanceId;
  } catch (error) {
    if (error instanceof NodeFailure) return false;
    throw error;
  }
}

function refused(sentence: string): StoreError {
  return new StoreError('ServerRefused', sentence);
}
