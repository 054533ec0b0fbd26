import assert from 'node:assert/strict';
import type { S3 } from '@aws-sdk/client-s3';
import { untilCensusIsClean } from '../../kit/census/census.ts';
import { readDisks } from '../../kit/census/chunk-files.ts';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import { type RawAnswer, RawConnection } from '../../kit/clients/raw-http.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { until } from '../../kit/testing/until.ts';
import { contentOf } from '../content.ts';
import type { BadRequest, Place } from './bad-request.ts';

const answerWithinMs = 15_000;
const gaveBackWithinMs = 20_000;

/**
 * Sends each request of a corpus over a connection of its own. Asserts that each is answered, with the status and the code
 * of AWS, and that in the end the bucket, the tables and the disks hold just what they held before.
 */
export async function assertAllRefused(
  ctx: CaseContext,
  cluster: Cluster,
  corpus: readonly BadRequest[],
): Promise<void> {
  const s3 = s3Of(ctx, cluster);
  const place = await prepare(ctx, cluster, s3);
  // What an earlier case deleted goes behind its back.
  await untilCensusIsClean(cluster, { replicas: 2 });
  const before = await standing(cluster, s3, place.bucket);
  const wrong: string[] = [];
  for (const bad of corpus) {
    const complaint = complaintAbout(bad, await answerTo(bad, place).catch((error: Error) => error));
    if (complaint !== null) wrong.push(`${bad.what}: ${complaint}`);
  }
  ctx.note('bad requests', corpus.length);
  assert.deepEqual(wrong, []);
  let after = before;
  // What had begun to be stored is taken away behind the answer.
  await until({ what: 'everything to be as before', withinMs: gaveBackWithinMs }, async () => {
    after = await standing(cluster, s3, place.bucket);
    return JSON.stringify(after) === JSON.stringify(before);
  }).catch(() => assert.deepEqual(after, before, 'something was stored, changed or lost'));
}

/** A bucket with an object and an upload under way, for requests that must find some. */
export async function prepare(ctx: CaseContext, cluster: Cluster, s3: S3): Promise<Place> {
  const bucket = await ownBucket(ctx, s3);
  const existing = 'existing';
  await s3.putObject({ Bucket: bucket, Key: existing, Body: contentOf(ctx, existing, 1_000) });
  const { UploadId = '' } = await s3.createMultipartUpload({ Bucket: bucket, Key: 'upload' });
  const Body = contentOf(ctx, 'part', 100_000);
  await s3.uploadPart({ Bucket: bucket, Key: 'upload', UploadId, PartNumber: 1, Body });
  return { endpoint: cluster.s3, credentials: cluster.credentials, bucket, existing, uploadId: UploadId };
}

export async function answerTo(
  { bytes, endsEarly }: Pick<BadRequest, 'bytes' | 'endsEarly'>,
  place: Place,
): Promise<RawAnswer | null> {
  using connection = await RawConnection.open(place.endpoint);
  connection.send(bytes(place));
  if (endsEarly) connection.endSending();
  return await connection.answer(answerWithinMs);
}

function complaintAbout({ status, code }: BadRequest, answer: RawAnswer | Error | null): string | null {
  if (answer === null) return 'the connection was closed without an answer';
  if (answer instanceof Error) return answer.message;
  const told = /<Code>(\w+)<\/Code>/.exec(answer.body)?.[1] ?? 'no code';
  const isExpected = answer.status === status && (typeof code === 'string' ? [code] : code).includes(told);
  return isExpected ? null : `expected ${status} ${code}, got ${answer.status} ${told}: ${answer.body.slice(0, 300)}`;
}

/** Everything that a request may have changed, as clients, tables and disks show it. */
async function standing(cluster: Cluster, s3: S3, Bucket: string) {
  const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket });
  const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
  const parts = await Promise.all(
    Uploads.map(async ({ Key = '', UploadId = '' }) => (await s3.listParts({ Bucket, Key, UploadId })).Parts ?? []),
  );
  await using tables = await MetadataTables.connect(cluster.databaseUrl);
  const disks = await readDisks(cluster.nodes);
  return {
    objects: [...Versions, ...DeleteMarkers].map(({ Key, VersionId, LastModified }) => [Key, VersionId, LastModified]),
    parts: parts.flat().map(({ PartNumber, ETag }) => [PartNumber, ETag]),
    buckets: (await s3.listBuckets()).Buckets?.map(({ Name }) => Name),
    versioning: (await s3.getBucketVersioning({ Bucket })).Status ?? null,
    files: (await tables.files()).map(({ file_id, upload_status }) => `${file_id} ${upload_status}`).sort(),
    chunks: (await tables.chunks()).map(({ chunk_id }) => chunk_id).sort(),
    disks: disks.map(({ chunkIds, unfinished }) => [chunkIds.toSorted(), unfinished]),
  };
}
