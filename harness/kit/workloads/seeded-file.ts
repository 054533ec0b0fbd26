import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { RestClient, Upload } from '../clients/rest-client.ts';
import type { RestResponse, UploadedFile } from '../clients/rest-types.ts';
import { type Seed, seededBytes } from '../seed/seeded-bytes.ts';
import { verifySeeded } from '../seed/verify-seeded.ts';

/** A file that nobody has to keep: its content follows from the seed. */
export interface SeededFile {
  readonly seed: Seed;
  readonly filename: string;
  readonly sizeBytes: number;
}

export type UploadOptions = Omit<Upload, 'filename' | 'data' | 'sizeBytes'> & {
  /** False: in chunked transfer coding, without a length. Default true. */
  readonly isDeclared?: boolean;
};

/** Sends the file and gives back the answer, whatever it is. */
export function sendFile(
  rest: RestClient,
  file: SeededFile,
  { isDeclared = true, ...options }: UploadOptions = {},
): Promise<RestResponse<UploadedFile>> {
  const sizeBytes = isDeclared ? file.sizeBytes : undefined;
  return rest.upload({ ...options, filename: file.filename, data: seededBytes(file.seed, file.sizeBytes), sizeBytes });
}

/** Stores the file. Fails unless the answer is 201 and agrees with what was sent, to the SHA-256. */
export async function storeFile(
  rest: RestClient,
  file: SeededFile,
  { isDeclared = true, ...options }: UploadOptions = {},
): Promise<UploadedFile> {
  const hash = createHash('sha256');
  const data = hashed(seededBytes(file.seed, file.sizeBytes), hash);
  const sizeBytes = isDeclared ? file.sizeBytes : undefined;
  const answer = await rest.upload({ ...options, filename: file.filename, data, sizeBytes });
  assert.equal(answer.status, 201, `the upload of ${file.filename} was answered with ${answer.status}: ${answer.text}`);
  const { filename, size, checksum, chunks, status } = answer.body;
  const expected = { filename: file.filename, size: file.sizeBytes, checksum: hash.digest('hex') };
  assert.deepEqual({ filename, size, checksum, chunks, status }, { ...expected, chunks: 6, status: 'completed' });
  return answer.body;
}

/** Reads the whole file and compares every byte on the fly. Fails unless it is the one that was stored. */
export async function assertReadsBack(rest: RestClient, fileId: string, file: SeededFile): Promise<void> {
  const { status, headers, stream } = await rest.download(fileId);
  if (status !== 200) stream.destroy();
  assert.equal(status, 200, `the download of ${file.filename} (${fileId}) was answered with ${status}`);
  assert.equal(headers['content-length'], String(file.sizeBytes));
  const verdict = await verifySeeded(stream, file.seed, file.sizeBytes);
  assert.equal(verdict.message, 'whole', `the download of ${file.filename} (${fileId}): ${verdict.message}`);
}

function* hashed(pieces: Iterable<Buffer>, hash: ReturnType<typeof createHash>): Generator<Buffer> {
  for (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}
