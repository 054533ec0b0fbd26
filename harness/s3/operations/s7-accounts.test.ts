/** Buckets belong to accounts. A failure means that one customer reads, changes or even sees what is another's. */
import assert from 'node:assert/strict';
import { AccessKeysClient } from '../../kit/clients/access-keys-client.ts';
import { restOf } from '../../kit/testing/fixtures.ts';
import { bucketName, knownS3, otherAccount, ownBucket, removeBucket, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { overS3 } from '../over-s3.ts';
import { assertRefused } from '../refused.ts';

testCase(
  'S7',
  'what belongs to one account is closed to another one, and to everybody without a key',
  overS3,
  async (ctx) => {
    const owner = s3Of(ctx);
    const Bucket = await ownBucket(ctx, owner);
    const Key = 'private';
    await owner.putObject({ Bucket, Key, Body: 'private' });
    const { UploadId } = await owner.createMultipartUpload({ Bucket, Key });
    const other = s3Of(ctx, { ...ctx.target, credentials: await otherAccount(ctx) });

    await assertRefused(other.createBucket({ Bucket }), 409, 'BucketAlreadyExists');
    await assertRefused(other.headBucket({ Bucket }), 403, null);
    await assertRefused(other.headObject({ Bucket, Key }), 403, null);
    const attempts = [
      () => other.deleteBucket({ Bucket }),
      () => other.getBucketLocation({ Bucket }),
      () => other.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      () => other.listObjectsV2({ Bucket }),
      () => other.listObjectVersions({ Bucket }),
      () => other.listMultipartUploads({ Bucket }),
      () => other.getObject({ Bucket, Key }),
      () => other.getObjectAttributes({ Bucket, Key, ObjectAttributes: ['ETag'] }),
      () => other.putObject({ Bucket, Key, Body: 'changed' }),
      () => other.deleteObject({ Bucket, Key }),
      () => other.copyObject({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}` }),
      () => other.uploadPart({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part' }),
      () => other.listParts({ Bucket, Key, UploadId }),
      () => other.abortMultipartUpload({ Bucket, Key, UploadId }),
    ];
    for (const attempt of attempts) await assertRefused(attempt(), 403, 'AccessDenied');
    const { Buckets = [] } = await other.listBuckets();
    assert.deepEqual(Buckets, [], 'another account lists none of its buckets');

    const { s3 } = knownS3(ctx.target);
    for (const [method, path] of [
      ['GET', `/${Bucket}/${Key}`],
      ['GET', `/${Bucket}`],
      ['PUT', `/${Bucket}/new`],
      ['GET', '/'],
    ]) {
      const answer = await fetch(new URL(path ?? '', s3), { method: method ?? '' });
      assert.deepEqual(
        [answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]],
        [403, 'AccessDenied'],
        `${method} ${path}`,
      );
    }
    await owner.abortMultipartUpload({ Bucket, Key, UploadId });
    const { Contents = [] } = await owner.listObjectsV2({ Bucket });
    assert.deepEqual(
      Contents.map(({ Key, Size }) => [Key, Size]),
      [[Key, 7]],
    );
  },
);

testCase(
  'S8',
  'a key can be made, listed, disabled and rotated, and its account keeps its buckets',
  overS3,
  async (ctx) => {
    const keys = new AccessKeysClient(restOf(ctx));
    const made = await keys.create({ display_name: 'a tenant', email: 'tenant@example.com' });
    const asKey = ({ access_key, secret_key }: typeof made) =>
      s3Of(ctx, { ...ctx.target, credentials: { accessKey: access_key, secretKey: secret_key } });
    const Bucket = bucketName(ctx);
    await asKey(made).createBucket({ Bucket });
    let working = made;
    ctx.defer(() => removeBucket(asKey(working), Bucket));
    const second = await keys.create({ account_id: made.account_id });
    assert.deepEqual(
      [second.account_id, second.display_name, second.email],
      [made.account_id, 'a tenant', 'tenant@example.com'],
    );
    await asKey(second).headBucket({ Bucket });

    const rotated = await keys.rotate(made.access_key);
    working = rotated;

    assert.equal(rotated.account_id, made.account_id);
    await asKey(rotated).headBucket({ Bucket });
    const refusedKey = async (client: ReturnType<typeof asKey>) => {
      const error: Error = await client.listBuckets().then(
        () => new Error('it was let in'),
        (reason) => reason,
      );
      return error.name === 'InvalidAccessKeyId';
    };
    // A gateway may remember a key for a moment.
    await until({ what: 'the old key to be refused', withinMs: 10_000 }, () => refusedKey(asKey(made)));
    await keys.disable(second.access_key);
    await until({ what: 'the disabled key to be refused', withinMs: 10_000 }, () => refusedKey(asKey(second)));
    const listed = (await keys.list()).filter(({ account_id }) => account_id === made.account_id);
    assert.deepEqual(
      new Map(listed.map(({ access_key, enabled }) => [access_key, enabled])),
      new Map([
        [made.access_key, false],
        [second.access_key, false],
        [rotated.access_key, true],
      ]),
    );
    assert.ok(!JSON.stringify(listed).includes(rotated.secret_key), 'no list tells a secret');
  },
);
