/**
 * A bucket of many keys, listed from end to end, in the middle, and by prefix. A failure means that a page costs more the
 * more keys lie before it or below a prefix, so that listing a large bucket takes for ever.
 */
import assert from 'node:assert/strict';
import { runLoad } from '../../kit/measure/load.ts';
import { median, percentile } from '../../kit/measure/statistics.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { overS3 } from '../over-s3.ts';
import { measuredCluster, oneValueOf, ScaleBucket, valuesOf } from './scale-bucket.ts';

const keysPerPrefix = 100;
const keysPerPage = 1000;
const clients = 16;
const looks = { warming: 20, measured: 100 };
/** Of the slowest place to the quickest, by their medians. */
const spreadMax = 1.5;
const pageMsMax = 50;
const delimitedMsMax = 100;
const wholeSecondsMax = 6;

testCase(
  'S301',
  'a page of keys takes as long at the end of a large bucket as at its beginning, and prefixes as little',
  { ...overS3, cluster: 'own', tags: ['slow'], timeoutMs: { fast: 120_000, full: 15 * 60_000 } },
  async (ctx) => {
    const prefixes = ctx.tier === 'full' ? 1000 : 50;
    const keys = Array.from({ length: prefixes * keysPerPrefix }, (_, index) => keyOf(index));
    const bucket = await ScaleBucket.create(ctx, await measuredCluster(ctx));
    const put = await runLoad(clients, keys.length, async (index) => {
      await bucket.send({ method: 'PUT', key: keys[index] as string, body: new Uint8Array() });
    });
    ctx.note('keys put a second', Math.round(keys.length / put.seconds));

    const pages = await lookAtPages(bucket, keys);
    const delimited = await repeat(() => listPrefixes(bucket, prefixes));
    const whole = await listAll(bucket, keys);

    for (const [place, timesMs] of Object.entries(pages)) ctx.note(`ms for the ${place} page`, described(timesMs));
    ctx.note(`ms for ${prefixes} common prefixes`, described(delimited));
    ctx.note(`s for all ${keys.length} keys`, whole.toFixed(2));
    // The bounds are for the full size: what a smaller bucket takes says little about them.
    if (ctx.tier !== 'full') return;
    const medians = Object.values(pages).map((timesMs) => median(timesMs));
    const spread = Math.max(...medians) / Math.min(...medians);
    assert.ok(spread < spreadMax, `the slowest page takes ${spread.toFixed(2)} times as long as the quickest`);
    const slowest = Math.max(...Object.values(pages).map((timesMs) => percentile(timesMs, 99)));
    assert.ok(slowest < pageMsMax, `p99 of a page is ${slowest.toFixed(1)} ms`);
    assert.ok(median(delimited) < delimitedMsMax, `a delimited listing takes ${median(delimited).toFixed(1)} ms`);
    assert.ok(whole < wholeSecondsMax, `listing all of it takes ${whole.toFixed(2)} s`);
  },
);

/** In the order of their bytes. */
function keyOf(index: number): string {
  const prefix = Math.floor(index / keysPerPrefix);
  return `prefix-${String(prefix).padStart(4, '0')}/key-${String(index % keysPerPrefix).padStart(2, '0')}`;
}

/** In turn, so that all places meet the same moods of the machine. */
async function lookAtPages(bucket: ScaleBucket, keys: readonly string[]): Promise<Record<string, number[]>> {
  const starts = { first: 0, middle: keys.length / 2, last: keys.length - keysPerPage };
  const timesMs: Record<string, number[]> = { first: [], middle: [], last: [] };
  for (let look = 0; look < looks.warming + looks.measured; look++) {
    for (const [place, start] of Object.entries(starts)) {
      const after = start === 0 ? '' : `&start-after=${encodeURIComponent(keys[start - 1] as string)}`;
      const startedAtMs = performance.now();
      const answer = await bucket.send({ method: 'GET', query: `list-type=2${after}` });
      const tookMs = performance.now() - startedAtMs;
      if (look >= looks.warming) timesMs[place]?.push(tookMs);
      else assert.deepEqual(valuesOf(answer, 'Key'), keys.slice(start, start + keysPerPage));
    }
  }
  return timesMs;
}

async function listPrefixes(bucket: ScaleBucket, prefixes: number): Promise<number> {
  const startedAtMs = performance.now();
  const answer = await bucket.send({ method: 'GET', query: 'list-type=2&delimiter=%2F' });
  const tookMs = performance.now() - startedAtMs;
  const listed = valuesOf(answer, 'Prefix').filter((prefix) => prefix !== '');
  assert.deepEqual([listed.length, listed[0], valuesOf(answer, 'Key')], [prefixes, 'prefix-0000/', []]);
  return tookMs;
}

async function repeat(look: () => Promise<number>): Promise<number[]> {
  const timesMs: number[] = [];
  for (let n = 0; n < looks.warming + looks.measured; n++) timesMs.push(await look());
  return timesMs.slice(looks.warming);
}

/** Page after page, as clients do; the seconds that the store took. */
async function listAll(bucket: ScaleBucket, keys: readonly string[]): Promise<number> {
  const answers = [];
  const startedAtMs = performance.now();
  for (let token: string | undefined = ''; token !== undefined; ) {
    const from: string = token === '' ? '' : `&continuation-token=${encodeURIComponent(token)}`;
    const answer = await bucket.send({ method: 'GET', query: `list-type=2${from}` });
    answers.push(answer);
    token = oneValueOf(answer, 'IsTruncated') === 'true' ? oneValueOf(answer, 'NextContinuationToken') : undefined;
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  assert.deepEqual(
    answers.flatMap((answer) => valuesOf(answer, 'Key')),
    keys,
  );
  return seconds;
}

function described(timesMs: readonly number[]): string {
  return `p50 ${median(timesMs).toFixed(1)}, p99 ${percentile(timesMs, 99).toFixed(1)}`;
}
