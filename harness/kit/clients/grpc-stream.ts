import { once } from 'node:events';
import type { ClientWritableStream } from '@grpc/grpc-js';

/** Writes every message, waiting whenever the call says that it has enough. Stops quietly when the call is over. */
export async function writeAll<Message>(
  call: ClientWritableStream<Message>,
  messages: AsyncIterable<Message>,
  over: AbortSignal,
): Promise<void> {
  for await (const message of messages) {
    if (over.aborted) return;
    if (!call.write(message)) await untilDrained(call, over);
  }
  call.end();
}

async function untilDrained(
  call: ClientWritableStream<never> | ClientWritableStream<unknown>,
  over: AbortSignal,
): Promise<void> {
  if (over.aborted) return;
  try {
    await once(call, 'drain', { signal: over });
  } catch (error) {
    if (!over.aborted) throw error;
  }
}
