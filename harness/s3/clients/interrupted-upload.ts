import assert from 'node:assert/strict';
import type { S3 } from '@aws-sdk/client-s3';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { until } from '../../kit/testing/until.ts';
import { assertRefused } from '../refused.ts';
import type { RunningClient } from './client.ts';

const partsWithinMs = 60_000;

export interface InterruptedUpload {
  readonly Key: string;
  readonly UploadId: string;
  /** Their numbers. */
  readonly parts: readonly number[];
}

/**
 * Kills a client while it uploads, once the store has one part or two and before it has all. The client must be slowed, so that there
 * is a middle to kill it in. What is left is what AWS leaves: no object, and an upload with the parts that came.
 */
export async function killInMidUpload(
  ctx: CaseContext,
  s3: S3,
  Bucket: string,
  client: RunningClient,
): Promise<InterruptedUpload> {
  const enough = ctx.choices.pick([1, 2]);
  const wait = { what: `${enough} parts of the upload`, withinMs: partsWithinMs, signal: ctx.signal };
  await until(wait, async () => ((await uploadOf(s3, Bucket))?.parts.length ?? 0) >= enough);
  client.kill();
  const { signal, stdout, stderr } = await client.ended;
  assert.equal(signal, 'SIGKILL', `the client had ended by itself: ${stdout}\n${stderr}`);
  const left = await uploadOf(s3, Bucket);
  assert.ok(left !== undefined, 'the upload went with the client');
  ctx.note('parts that were there when the client was killed', left.parts.length);
  await assertRefused(s3.headObject({ Bucket, Key: left.Key }), 404, null);
  return left;
}

/** The one upload that is under way in the bucket. */
export async function uploadOf(s3: S3, Bucket: string): Promise<InterruptedUpload | undefined> {
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
  assert.ok(Uploads.length < 2, `${Uploads.length} uploads are under way`);
  const [upload] = Uploads;
  if (upload?.Key === undefined || upload.UploadId === undefined) return undefined;
  const { Key, UploadId } = upload;
  const { Parts = [] } = await s3.listParts({ Bucket, Key, UploadId });
  return { Key, UploadId, parts: Parts.map(({ PartNumber = 0 }) => PartNumber) };
}
