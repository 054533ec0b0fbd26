import { NodeClient } from '../kit/clients/node-client.ts';
import type { TargetNode } from '../kit/cluster/target.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { ownNode } from '../kit/testing/fixtures.ts';
import { chunkIdPrefix } from './seeded-chunk.ts';

/** What the cases need that ask the same of a single node and of the six of a cluster. */
export const oneAndSix = { needs: ['nodes', 'disks', 'own cluster'] } as const;

export interface NodeUnderTest {
  readonly client: NodeClient;
  readonly dataDir: string;
  readonly serverId: string;
}

/** Makes the check on a node of the case's own, then on each node of the cluster that all cases share. */
export async function onOneAndOnSix(ctx: CaseContext, check: (node: NodeUnderTest) => Promise<void>): Promise<void> {
  await using alone = await ownNode(ctx);
  for (const node of [alone, ...ctx.target.nodes]) await onNode(ctx, node, check);
}

/** The same, on all six at once. */
export async function onOneAndOnSixAtOnce(
  ctx: CaseContext,
  check: (node: NodeUnderTest) => Promise<void>,
): Promise<void> {
  await using alone = await ownNode(ctx);
  await onNode(ctx, alone, check);
  await Promise.all(ctx.target.nodes.map((node) => onNode(ctx, node, check)));
}

async function onNode(
  ctx: CaseContext,
  node: TargetNode,
  check: (node: NodeUnderTest) => Promise<void>,
): Promise<void> {
  using client = new NodeClient(node.address);
  try {
    await check({ client, dataDir: node.dataDir ?? '', serverId: node.serverId });
  } catch (error) {
    ctx.note('failed on', `${node.serverId} at ${node.address}`);
    throw error;
  } finally {
    await deleteChunksOf(ctx, node);
  }
}

/** The nodes of the shared cluster must be left as they were, also by a case that failed half way. */
async function deleteChunksOf(ctx: CaseContext, node: TargetNode): Promise<void> {
  using client = new NodeClient(node.address);
  const prefix = chunkIdPrefix(ctx);
  for await (const { chunkId } of client.listChunks({ afterChunkId: prefix })) {
    if (!chunkId.startsWith(prefix)) break;
    await client.deleteChunk(chunkId);
  }
}
