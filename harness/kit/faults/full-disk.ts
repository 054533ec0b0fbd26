import { grpcStatus, NodeClient, type ServiceError } from '../clients/node-client.ts';
import type { ManagedNode } from '../cluster/target.ts';
import type { Fault } from './fault.ts';

const KiB = 1024;
/** Large ones first, for speed, and small ones into what they leave. */
const fillerBytes = [16 * KiB * KiB, KiB * KiB, 64 * KiB];
const piece = Buffer.alloc(64 * KiB);
/** A node that takes more than this stands on no small disk. */
const fillersMax = 500;

/** Another program fills the node's disk, or its quota, to the last 64 KiB with chunks of its own, and takes them away. */
export function fullDisk(node: ManagedNode): Fault {
  const stored: string[] = [];
  return {
    start: async () => {
      using client = new NodeClient(node.address);
      for (const bytes of fillerBytes) {
        while (await hasRoom(client, `filler-${stored.length}`, bytes)) {
          stored.push(`filler-${stored.length}`);
          if (stored.length > fillersMax) throw new Error(`${node.name} does not fill up: give it a small disk`);
        }
      }
    },
    stop: async () => {
      using client = new NodeClient(node.address);
      for (const chunkId of stored) await client.deleteChunk(chunkId);
    },
    describe: () => `the disk of ${node.name} is full`,
  };
}

async function hasRoom(client: NodeClient, chunkId: string, bytes: number): Promise<boolean> {
  try {
    await client.putChunk({ chunkId, data: Array.from({ length: bytes / piece.length }, () => piece) });
    return true;
  } catch (error) {
    if ((error as ServiceError).code === grpcStatus.RESOURCE_EXHAUSTED) return false;
    throw error;
  }
}
