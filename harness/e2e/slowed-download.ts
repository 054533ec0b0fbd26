import assert from 'node:assert/strict';
import type { RestClient } from '../kit/clients/rest-client.ts';
import { verifySeeded } from '../kit/seed/verify-seeded.ts';
import type { SeededFile } from '../kit/workloads/seeded-file.ts';

/**
 * Reads a file whole, and stops reading once `pauseAtBytes` have come, until `meanwhile` has resolved. Every byte
 * is compared. A client that does not read holds back the store, so most of the file has not left the nodes by then.
 */
export async function downloadWithPause(
  rest: RestClient,
  fileId: string,
  file: SeededFile,
  pauseAtBytes: number,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const { status, stream } = await rest.download(fileId);
  assert.equal(status, 200);
  async function* pausing(): AsyncGenerator<Uint8Array> {
    let receivedBytes = 0;
    let hasPaused = false;
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      yield piece;
      receivedBytes += piece.length;
      if (hasPaused || receivedBytes < pauseAtBytes) continue;
      hasPaused = true;
      await meanwhile();
    }
    assert.ok(hasPaused, `only ${receivedBytes} bytes came, too few to pause at ${pauseAtBytes}`);
  }
  const verdict = await verifySeeded(pausing(), file.seed, file.sizeBytes);
  assert.equal(verdict.message, 'whole', `the download of ${fileId}: ${verdict.message}`);
}

/** A client that asks for a file and reads none of it. Resolves once the head of the answer is there. */
export async function startUnreadDownload(rest: RestClient, fileId: string): Promise<{ cancel: () => void }> {
  const { status, stream } = await rest.download(fileId);
  assert.equal(status, 200);
  // That it is cut off is what the case waits for.
  stream.on('error', () => {});
  return { cancel: () => void stream.destroy() };
}
