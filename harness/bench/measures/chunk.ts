import { NodeClient } from '../../kit/clients/node-client.ts';
import { startNode } from '../../kit/cluster/start-node.ts';
import { measureTransfer, type Transfer } from '../../kit/measure/transfer.ts';
import { seededBytes } from '../../kit/seed/seeded-bytes.ts';
import { verifySeeded } from '../../kit/seed/verify-seeded.ts';
import { type Figure, toldValues } from '../figure.ts';
import type { BenchOptions } from '../options.ts';

/** As the gateway sends and wants them. */
const messageBytes = 2 ** 20;

/** One stream into a node that has nothing else to do, and one out of it. */
export async function measureChunk({ rounds, seed, sizeBytes }: BenchOptions): Promise<Figure[]> {
  await using node = await startNode();
  using client = new NodeClient(node.address);
  await client.connected();
  const writes: Transfer<'node'>[] = [];
  const reads: Transfer<'node'>[] = [];
  for (let round = 0; round < rounds; round++) {
    const chunkId = `round-${round}`;
    const data = () => seededBytes(`${seed}/${chunkId}`, sizeBytes, { pieceBytes: messageBytes });
    const write = () => client.putChunk({ chunkId, data: data(), totalSizeBytes: sizeBytes, withCrc: true });
    const read = async () => {
      for await (const _ of client.getChunk({ chunkId, messageBytes }));
    };
    const written = await measureTransfer(sizeBytes, { node: [node] }, write);
    const wasRead = await measureTransfer(sizeBytes, { node: [node] }, read);
    if (round === 0) await mustBeWhole(client, chunkId, `${seed}/${chunkId}`, sizeBytes);
    else {
      writes.push(written);
      reads.push(wasRead);
    }
    await client.deleteChunk(chunkId);
  }
  return [...figuresOf('write', writes), ...figuresOf('read', reads)];
}

async function mustBeWhole(client: NodeClient, chunkId: string, seed: string, sizeBytes: number): Promise<void> {
  const { isWhole, message } = await verifySeeded(client.getChunk({ chunkId, messageBytes }), seed, sizeBytes);
  if (!isWhole) throw new Error(`the node returned other bytes than it was given: ${message}`);
}

function figuresOf(what: 'write' | 'read', transfers: readonly Transfer<'node'>[]): Figure[] {
  const label = `chunk ${what}, one node`;
  const cpu = toldValues(transfers.map(({ cpuSecondsPerGib }) => cpuSecondsPerGib.node));
  return [
    { key: `chunk.${what}`, label, unit: 'MB/s', values: transfers.map(({ mbPerSecond }) => mbPerSecond) },
    { key: `chunk.${what}.cpu`, label: `  node`, unit: 'CPU s/GiB', values: cpu },
  ];
}
