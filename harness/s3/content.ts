import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { expectedRange } from '../kit/seed/seeded-bytes.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';

/** Bytes that the case's seed decides; the label tells several of one case apart. */
export function contentOf(ctx: CaseContext, label: string, sizeBytes: number): Buffer {
  return expectedRange(`${ctx.seed}/${label}`, 0, sizeBytes);
}

/** The whole body of an answer to GET. */
export async function bytesOf({ Body }: Pick<GetObjectCommandOutput, 'Body'>): Promise<Buffer> {
  assert.ok(Body !== undefined, 'the answer has no body');
  return Buffer.from(await Body.transformToByteArray());
}

/** The ETag of a plain PUT. */
export function etagOf(bytes: Uint8Array): string {
  return `"${md5(bytes).toString('hex')}"`;
}

/** The ETag of an object of several parts. */
export function multipartEtagOf(parts: readonly Uint8Array[]): string {
  const digest = md5(Buffer.concat(parts.map(md5)));
  return `"${digest.toString('hex')}-${parts.length}"`;
}

export function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

/** Compared by length and digest first, because a diff of megabytes tells nobody anything. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: its length`);
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.fail(`${what}: byte ${at} of ${expected.length} is wrong`);
}
