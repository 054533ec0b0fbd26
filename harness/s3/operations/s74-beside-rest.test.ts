/** Both interfaces stand on the same files. A failure means that one of them shows, or breaks, what is the other's. */
import assert from 'node:assert/strict';
import { databaseOf } from '../../kit/census/census.ts';
import { readDisks } from '../../kit/census/chunk-files.ts';
import { MetadataTables } from '../../kit/census/metadata-tables.ts';
import { ownCluster, restOf } from '../../kit/testing/fixtures.ts';
import { ownBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { bytesOf, contentOf } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { putInParts } from '../put-in-parts.ts';
import { MiB, partBytesMin } from '../sizes.ts';

testCase(
  'S74',
  'the content of objects is no file of REST, cannot be deleted there, and gives its space back',
  { ...overS3, cluster: 'own' },
  async (ctx) => {
    const cluster = await ownCluster(ctx);
    const s3 = s3Of(ctx, cluster);
    const rest = restOf(ctx, cluster);
    const Bucket = await ownBucket(ctx, s3);
    const content = contentOf(ctx, 'large', MiB);
    await s3.putObject({ Bucket, Key: 'large', Body: content });
    await s3.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/large` });
    await putInParts(s3, { Bucket, Key: 'parts' }, [
      contentOf(ctx, 'one', partBytesMin),
      contentOf(ctx, 'two', 100_000),
    ]);
    await s3.putObject({ Bucket, Key: 'large', Body: contentOf(ctx, 'over', MiB) });
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key: 'unfinished' });
    await s3.uploadPart({ Bucket, Key: 'unfinished', UploadId, PartNumber: 1, Body: contentOf(ctx, 'part', MiB) });

    const { body: list } = await rest.list({ page: 1, perPage: 100 });
    assert.deepEqual([list.total, list.files], [0, []]);
    await using tables = await MetadataTables.connect(databaseOf(cluster));
    const files = await tables.files();
    assert.ok(files.length >= 4, `${files.length} files hold what was put`);
    for (const { file_id } of files) {
      const answers = [await rest.metadata(file_id), await rest.delete(file_id), await rest.head(file_id)];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [404, 404, 404],
      );
    }
    assert.deepEqual(await bytesOf(await s3.getObject({ Bucket, Key: 'copy' })), content);

    await s3.abortMultipartUpload({ Bucket, Key: 'unfinished', UploadId });
    for (const Key of ['large', 'copy', 'parts']) await s3.deleteObject({ Bucket, Key });
    const left = async () =>
      (await readDisks(cluster.nodes)).flatMap(({ chunkIds, unfinished }) => [...chunkIds, ...unfinished]);
    await until(
      { what: 'every chunk to go from every disk', withinMs: 20_000 },
      async () => (await left()).length === 0,
    );
    assert.deepEqual([await tables.files(), await tables.chunks()], [[], []]);
  },
);

testCase(
  'S75',
  'with a domain set, buckets are found in the host name as well as in the path',
  { ...overS3, cluster: 'own' },
  async (ctx) => {
    const cluster = await ownCluster(ctx, {
      nodes: 1,
      replicas: 1,
      gatewaySettings: { SEXTANT_S3_DOMAIN: 'localhost' },
    });
    const s3 = s3Of(ctx, cluster);
    const Bucket = await ownBucket(ctx, s3);
    await s3.putObject({ Bucket, Key: 'by/path', Body: 'both ways' });
    const endpoint = new URL(`http://localhost:${cluster.s3.port}`);
    const hosted = s3Of(ctx, { s3: endpoint, credentials: cluster.credentials });
    // Every name below localhost is this machine (RFC 6761); Node's resolver may not know that, so the address is fixed.
    hosted.config.forcePathStyle = false;
    hosted.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as { hostname: string; headers: Record<string, string>; port?: number };
        request.headers['host'] = `${request.hostname}:${cluster.s3.port}`;
        assert.ok(request.hostname.startsWith(Bucket), `the SDK asks ${request.hostname}`);
        request.hostname = '127.0.0.1';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low', name: 'dialLoopback' },
    );
    assert.equal((await bytesOf(await hosted.getObject({ Bucket, Key: 'by/path' }))).toString(), 'both ways');
    await hosted.putObject({ Bucket, Key: 'by/host', Body: 'x' });
    assert.deepEqual(
      (await hosted.listObjectsV2({ Bucket })).Contents?.map(({ Key }) => Key),
      ['by/host', 'by/path'],
    );
  },
);
