import { VerifyChunkRequest, VerifyChunkResponse } from '../../../proto/gen/storage.ts';
import { parseChunkId } from '../chunks/chunk-id.ts';
import { type CallParts, requestOf } from './call-parts.ts';
import type { Call } from './transport/call.ts';

/** Reads every byte of a chunk from the disk. DATA_LOSS when one is damaged. */
export async function verifyChunk(parts: CallParts, call: Call): Promise<void> {
  const { chunkId } = await requestOf(parts, call, VerifyChunkRequest);
  const { sizeBytes, sha256 } = await parts.store.verify(parseChunkId(chunkId), call.signal);
  await parts.failpoints.reach('verify.before-answer');
  await call.sendMessage(VerifyChunkResponse.encode({ size: sizeBytes, checksum: sha256.toString('hex') }).finish());
}
