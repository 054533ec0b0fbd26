import type { S3 } from '@aws-sdk/client-s3';
import { databaseOf } from '../census/census.ts';
import { readDisks } from '../census/chunk-files.ts';
import { MetadataTables } from '../census/metadata-tables.ts';
import { RestClient } from '../clients/rest-client.ts';
import { sdkClient } from '../clients/s3/sdk-client.ts';
import type { Cluster, Target } from '../cluster/target.ts';
import { until, WaitedInVain } from '../testing/until.ts';

export interface ClearOptions {
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

const filesPerPage = 100;
/** When so long nothing more of it goes away, it stays: longer than a deletion that failed twice is put off, 20 s and then 40. */
const standstillMs = 61_000;

/**
 * Deletes everything, as clients can: every version in the bucket, every upload under way, every file. Gives back what is left of
 * it when the store has had its time, in sentences: rows of files, chunks on disks, or what could not be deleted.
 */
export async function leftOnceCleared(cluster: Cluster, bucket: string, options: ClearOptions): Promise<string[]> {
  const { withinMs, signal } = options;
  const either = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
  const s3 = sdkClient(cluster.s3, cluster.credentials);
  using rest = new RestClient(cluster.rest);
  let left: string[] = [];
  let sinceMs = performance.now();
  try {
    await until({ what: 'everything to be deleted', withinMs, pollMs: 200, signal }, async () => {
      await deleteObjects(s3, bucket, either);
      await deleteFiles(rest, either);
      const before = left.length;
      left = await leftovers(cluster);
      if (left.length !== before) sinceMs = performance.now();
      return left.length === 0 || performance.now() - sinceMs > standstillMs;
    });
    return left;
  } catch (error) {
    if (!(error instanceof WaitedInVain)) throw error;
    const { cause } = error;
    return cause instanceof Error ? [`not all could be deleted: ${cause.message}`] : left;
  } finally {
    s3.destroy();
  }
}

/** Every version of every key, and every upload under way. */
async function deleteObjects(s3: S3, bucket: string, abortSignal: AbortSignal): Promise<void> {
  const options = { abortSignal };
  await untilNoneListed(
    async () => {
      const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket: bucket }, options);
      return [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId = '' }) => ({ Key, VersionId }));
    },
    async (Objects) => {
      const { Errors = [] } = await s3.deleteObjects({ Bucket: bucket, Delete: { Objects, Quiet: true } }, options);
      const [first] = Errors;
      if (first !== undefined) throw new Error(`${first.Key} was not deleted: ${first.Code} ${first.Message}`);
    },
  );
  await untilNoneListed(
    async () => {
      const { Uploads = [] } = await s3.listMultipartUploads({ Bucket: bucket }, options);
      return Uploads.map(({ Key = '', UploadId = '' }) => ({ Key, UploadId }));
    },
    async (uploads) => {
      for (const upload of uploads) await s3.abortMultipartUpload({ Bucket: bucket, ...upload }, options);
    },
  );
}

async function deleteFiles(rest: RestClient, signal: AbortSignal): Promise<void> {
  await untilNoneListed(
    async () => {
      const { status, body, text } = await rest.list({ perPage: filesPerPage }, { signal });
      if (status !== 200) throw new Error(`the list of files was answered with ${status}: ${text}`);
      return body.files.map(({ file_id }) => file_id);
    },
    async (fileIds) => {
      for (const fileId of fileIds) {
        const { status, text } = await rest.delete(fileId, { signal });
        if (status !== 200) throw new Error(`the deletion of file ${fileId} was answered with ${status}: ${text}`);
      }
    },
  );
}

/** Page by page. Throws when what was deleted is listed still. */
async function untilNoneListed<T>(list: () => Promise<T[]>, remove: (page: T[]) => Promise<void>): Promise<void> {
  let before: string | undefined;
  for (;;) {
    const page = await list();
    if (page.length === 0) return;
    const first = JSON.stringify(page[0]);
    if (first === before) throw new Error(`${first} was deleted and is listed still`);
    await remove(page);
    before = first;
  }
}

async function leftovers(target: Target): Promise<string[]> {
  await using tables = await MetadataTables.connect(databaseOf(target));
  const [files, disks] = [await tables.files(), await readDisks(target.nodes)];
  return [
    ...files.map(({ file_id, filename, upload_status }) => `file ${file_id} (${filename}) is still ${upload_status}`),
    ...disks.flatMap(({ serverId, chunkIds }) => chunkIds.map((chunkId) => `${serverId} still holds ${chunkId}`)),
  ];
}
