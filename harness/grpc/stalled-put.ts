import type { NodeClient, PutMessage } from '../kit/clients/node-client.ts';
import { untilUnfinished } from './node-files.ts';
import type { SeededChunk } from './seeded-chunk.ts';

export interface StalledPut {
  /** How the call ends; never unhandled. */
  readonly answer: ReturnType<NodeClient['putMessages']>;
  /** Sends the rest. */
  finish(): void;
  /** The client cancels the call. */
  cancel(): void;
}

/** Begins a put whose client has sent about half, and sends nothing more until it is told. The node is writing it. */
export async function stalledPut(client: NodeClient, dataDir: string, chunk: SeededChunk): Promise<StalledPut> {
  const goOn = Promise.withResolvers<void>();
  const cancelled = new AbortController();
  const messages = [...chunk.data()].map((data) => ({ chunkId: chunk.chunkId, data }));
  const half = Math.ceil(messages.length / 2);
  async function* sent(): AsyncGenerator<PutMessage> {
    yield* messages.slice(0, half);
    await goOn.promise;
    yield* messages.slice(half);
    yield { checksum: chunk.sha256() };
  }
  const answer = client.putMessages(sent(), { signal: cancelled.signal });
  answer.catch(() => {});
  await untilUnfinished(dataDir);
  return { answer, finish: () => goOn.resolve(), cancel: () => cancelled.abort() };
}
