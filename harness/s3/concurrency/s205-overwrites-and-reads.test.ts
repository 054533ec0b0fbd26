/**
 * Keys that are overwritten while they are read, through two gateways. A reader must see one version from its first byte to its
 * last, with its own ETag and metadata, and never an older one than was acknowledged before it asked.
 */
import assert from 'node:assert/strict';
import type { S3HttpClient } from '../../kit/clients/s3/s3-http-client.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { etagOf } from '../content.ts';
import { MiB, partBytesMin } from '../sizes.ts';
import { concurrent, openArena } from './two-gateways.ts';

const cluster = fileCluster({ gateways: 2, nodes: 6 });
const writes = { fast: 40, full: 400 };
const timeoutMs = { fast: 90_000, full: 15 * 60_000 };
const key = 'overwritten';
/** In the row, in one file, over many messages. */
const sizes = [0, 500, 16 * 1024, 16 * 1024 + 1, 300_000, 2 * MiB];

testCase(
  'S205',
  'what is read while it is overwritten is one version, whole, and never older than what was acknowledged',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const { bucket, clients } = await openArena(ctx, await cluster(ctx));
    const [writer, ...readers] = clients as [S3HttpClient, ...S3HttpClient[]];
    const written: Buffer[] = [];
    const state = { acknowledged: -1, isOver: false };
    const write = async () => {
      for (let version = 0; version < writes[ctx.tier]; version++) {
        ctx.signal.throwIfAborted();
        const body = contentOfVersion(ctx.seed, version, ctx.choices.pick(sizes));
        written.push(body);
        // Every second client is at the other gateway.
        const through = version % 2 === 0 ? writer : (readers[0] as S3HttpClient);
        const headers = { 'x-amz-meta-version': String(version) };
        const { status, body: text } = await through.send({ method: 'PUT', bucket, key, headers, body });
        assert.equal(status, 200, text.toString());
        state.acknowledged = version;
      }
      state.isOver = true;
    };
    let reads = 0;
    const read = async (client: S3HttpClient) => {
      while (!state.isOver) {
        const atLeast = state.acknowledged;
        const answer = await client.send({ method: 'GET', bucket, key });
        if (answer.status === 404 && atLeast < 0) continue;
        assert.equal(answer.status, 200, answer.body.toString().slice(0, 400));
        const version = Number(answer.headers['x-amz-meta-version']);
        assert.ok(version >= atLeast, `version ${version} was read after ${atLeast} was acknowledged`);
        const expected = written[version] as Buffer;
        assert.equal(answer.headers.etag, etagOf(expected), `the ETag of version ${version}`);
        assert.ok(
          expected.equals(answer.body),
          `version ${version}: ${answer.body.length} of ${expected.length} bytes, or others`,
        );
        reads += 1;
      }
    };
    await Promise.all([write(), ...readers.slice(1, 7).map(read)]);
    ctx.note('reads', reads);
    assert.ok(reads > writes[ctx.tier], `only ${reads} reads raced`);
  },
);

testCase(
  'S206',
  'a key that is overwritten is listed once, at any moment, with a size and an ETag that belong together',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const { s3, bucket, clients } = await openArena(ctx, await cluster(ctx));
    const bodies = sizes.map((size, version) => contentOfVersion(ctx.seed, version, size));
    const valid = new Set(bodies.map((body) => `${body.length} ${etagOf(body)}`));
    await s3.putObject({ Bucket: bucket, Key: key, Body: bodies[0] as Buffer });
    let isOver = false;
    const write = async (client: S3HttpClient) => {
      for (let n = 0; n < writes[ctx.tier] / 4; n++) {
        const { status } = await client.send({ method: 'PUT', bucket, key, body: ctx.choices.pick(bodies) });
        assert.equal(status, 200);
      }
    };
    const list = async () => {
      let lists = 0;
      for (; !isOver; lists++) {
        const { Contents = [] } = await s3.listObjectsV2({ Bucket: bucket });
        assert.equal(Contents.length, 1, 'the key is listed once');
        const [entry] = Contents;
        assert.ok(valid.has(`${entry?.Size} ${entry?.ETag}`), `listed with ${entry?.Size} bytes and ${entry?.ETag}`);
      }
      ctx.note('lists', lists);
    };
    const writing = Promise.all(clients.slice(0, 4).map(write)).finally(() => {
      isOver = true;
    });
    await Promise.all([writing, list()]);
  },
);

testCase('S207', 'a read that races a delete is whole, or finds nothing', { ...concurrent, timeoutMs }, async (ctx) => {
  const { bucket, clients } = await openArena(ctx, await cluster(ctx));
  const seen = { whole: 0, absent: 0, broken: 0 };
  for (let round = 0; round < writes[ctx.tier] / 2; round++) {
    const body = contentOfVersion(ctx.seed, round, ctx.choices.pick([500, 300_000, 3 * MiB]));
    const [first, second, third] = clients as [S3HttpClient, S3HttpClient, S3HttpClient];
    await first.send({ method: 'PUT', bucket, key, body });
    const read = async (client: S3HttpClient) => {
      const answer = await client.send({ method: 'GET', bucket, key }).catch((error: NodeJS.ErrnoException) => {
        assert.equal(
          error.code,
          'ECONNRESET',
          'only a connection that ends before its declared length may be the reason',
        );
        return null;
      });
      if (answer === null) seen.broken += 1;
      else if (answer.status === 404) seen.absent += 1;
      else {
        assert.ok(body.equals(answer.body), `round ${round}: ${answer.body.length} of ${body.length} bytes, or others`);
        seen.whole += 1;
      }
    };
    const removal = second.send({ method: 'DELETE', bucket, key });
    await Promise.all([read(first), read(second), read(third), removal]);
    assert.equal((await removal).status, 204);
    assert.equal((await third.send({ method: 'GET', bucket, key })).status, 404);
  }
  ctx.note('reads', `${seen.whole} whole, ${seen.absent} not found, ${seen.broken} broken`);
});

testCase(
  'S208',
  'of Completes and Aborts that race on one upload exactly one happens, and all are told the truth',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const { s3, bucket, clients } = await openArena(ctx, await cluster(ctx));
    const large = contentOfVersion(ctx.seed, 0, partBytesMin);
    await s3.putObject({ Bucket: bucket, Key: 'source', Body: large });
    for (let round = 0; round < writes[ctx.tier] / 4; round++) {
      const Key = `raced-${round}`;
      const { UploadId = '' } = await s3.createMultipartUpload({ Bucket: bucket, Key });
      const { CopyPartResult } = await s3.uploadPartCopy({
        Bucket: bucket,
        Key,
        UploadId,
        PartNumber: 1,
        CopySource: `${bucket}/source`,
      });
      const { ETag } = await s3.uploadPart({ Bucket: bucket, Key, UploadId, PartNumber: 2, Body: 'end' });
      const both = listOf([CopyPartResult?.ETag, ETag]);
      const one = listOf([CopyPartResult?.ETag]);
      const query = `uploadId=${encodeURIComponent(UploadId)}`;
      const answers = await Promise.all(
        clients.slice(0, 6).map((client, index) => {
          if (index < 2) return client.send({ method: 'DELETE', bucket, key: Key, query });
          return client.send({ method: 'POST', bucket, key: Key, query, body: Buffer.from(index < 4 ? both : one) });
        }),
      );
      const outcome = answers.map(({ status, body }) =>
        status < 300 && !body.includes('<Error>') ? 'done' : 'refused',
      );
      const [aborts, ofBoth, ofOne] = [outcome.slice(0, 2), outcome.slice(2, 4), outcome.slice(4, 6)];
      const kinds = [aborts, ofBoth, ofOne].filter((kind) => kind.includes('done'));
      assert.equal(kinds.length, 1, `round ${round}: aborts ${aborts}, both parts ${ofBoth}, one part ${ofOne}`);
      const read = await (clients[1] as S3HttpClient).send({ method: 'GET', bucket, key: Key });
      const expected = aborts.includes('done')
        ? null
        : ofOne.includes('done')
          ? large
          : Buffer.concat([large, Buffer.from('end')]);
      if (expected === null) assert.equal(read.status, 404);
      else assert.ok(expected.equals(read.body), `round ${round}: ${read.status}, ${read.body.length} bytes`);
    }
  },
);

/** Of any size; no two versions have a piece in common. */
function contentOfVersion(seed: string, version: number, sizeBytes: number): Buffer {
  return expectedRange(`${seed}/version-${version}`, 0, sizeBytes);
}

function listOf(etags: readonly (string | undefined)[]): string {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  return `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
}
