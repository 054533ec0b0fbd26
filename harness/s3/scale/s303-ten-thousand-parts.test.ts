/**
 * As many parts as an object may have. Each is a copy of one small object, which by right moves no byte: so the parts
 * themselves are measured, not the disk. A failure means that completing takes longer than clients wait, or that a
 * copy of what is there already is stored anew.
 */
import assert from 'node:assert/strict';
import { runLoad } from '../../kit/measure/load.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { assertSameBytes } from '../content.ts';
import { overS3 } from '../over-s3.ts';
import { partBytesMin } from '../sizes.ts';
import { completionOf } from './completion-document.ts';
import { measuredCluster, oneValueOf, ScaleBucket } from './scale-bucket.ts';

const clients = 16;
const completeSecondsMax = 3;
const key = 'of many parts';

testCase(
  'S303',
  'an upload of 10,000 parts is complete within 3 seconds, and reads back across the border of any two',
  { ...overS3, cluster: 'own', tags: ['slow'], timeoutMs: { fast: 120_000, full: 10 * 60_000 } },
  async (ctx) => {
    const parts = ctx.tier === 'full' ? 10_000 : 100;
    const bucket = await ScaleBucket.create(ctx, await measuredCluster(ctx));
    const content = expectedRange(ctx.seed, 0, partBytesMin);
    await bucket.send({ method: 'PUT', key: 'part', body: content });
    const uploadId = oneValueOf(await bucket.send({ method: 'POST', key, query: 'uploads' }), 'UploadId');
    const etags: string[] = [];
    const copies = await runLoad(clients, parts, async (index) => {
      const headers = { 'x-amz-copy-source': `/${bucket.name}/part` };
      const query = `partNumber=${index + 1}&uploadId=${uploadId}`;
      const answer = await bucket.send({ method: 'PUT', key, query, headers });
      etags[index] = oneValueOf(answer, 'ETag').replaceAll('&quot;', '"');
    });
    ctx.note('parts copied a second', Math.round(parts / copies.seconds));

    const startedAtMs = performance.now();
    await bucket.send({ method: 'POST', key, query: `uploadId=${uploadId}`, body: completionOf(etags) });
    const seconds = (performance.now() - startedAtMs) / 1000;

    ctx.note(`s to complete ${parts} parts`, seconds.toFixed(2));
    assert.ok(seconds < completeSecondsMax, `completing took ${seconds.toFixed(2)} s`);
    const { headers } = await bucket.send({ method: 'HEAD', key });
    assert.equal(Number(headers['content-length']), parts * partBytesMin);
    assert.match(String(headers.etag), new RegExp(`-${parts}"$`));
    const border = ctx.choices.int(1, parts - 1) * partBytesMin;
    const { body } = await bucket.send({ method: 'GET', key, headers: { range: `bytes=${border - 3}-${border + 3}` } });
    assertSameBytes(body, Buffer.concat([content.subarray(-3), content.subarray(0, 4)]), `around byte ${border}`);
  },
);
