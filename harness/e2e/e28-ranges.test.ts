/**
 * Any range must give just its bytes, wherever it begins and ends: files are cut in stripe units, units in messages
 * and blocks, and each border is a chance to lose or repeat a byte.
 */
import assert from 'node:assert/strict';
import type { RestClient } from '../kit/clients/rest-client.ts';
import type { Choices } from '../kit/seed/choices.ts';
import { verifySeeded } from '../kit/seed/verify-seeded.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { KiB, MiB } from './sizes.ts';

const rangesPerFile = 25;

testCase('E28', 'any range gives just its bytes, also across the borders of stripe units', {}, async (ctx) => {
  const rest = restOf(ctx);
  for (const [sizeBytes, isDeclared] of [
    [1, true],
    [7, true],
    [ctx.choices.int(1_000, 100_000), true],
    [13 * MiB + ctx.choices.int(0, 1_000), true],
    [13 * MiB + ctx.choices.int(0, 1_000), false],
  ] as const) {
    const file = { seed: `${ctx.seed}/${sizeBytes}`, filename: 'ranges.bin', sizeBytes };
    const { file_id } = await storeFile(rest, file, { isDeclared });
    const { body } = await rest.metadata(file_id);
    const unitBytes = unitOf(sizeBytes, body.chunks[0]?.size ?? 0);
    for (let n = 0; n < rangesPerFile; n++) {
      const first = position(ctx.choices, sizeBytes, unitBytes);
      const last = ctx.choices.chance(20) ? first : position(ctx.choices, sizeBytes, unitBytes);
      await assertRange(rest, file_id, file, Math.min(first, last), Math.max(first, last));
    }
  }
});

testCase('E29', 'open, suffix and impossible ranges are answered by RFC 9110', {}, async (ctx) => {
  const rest = restOf(ctx);
  const sizeBytes = 100_000;
  const { file_id } = await storeFile(rest, { seed: ctx.seed, filename: 'ranges.bin', sizeBytes });
  const ask = (range: string) => rest.downloadHashed(file_id, { range });

  const partial: [range: string, contentRange: string, bytes: number][] = [
    ['bytes=99990-', 'bytes 99990-99999/100000', 10],
    ['bytes=-10', 'bytes 99990-99999/100000', 10],
    ['bytes=-200000', 'bytes 0-99999/100000', 100_000],
    ['bytes=0-999999999999', 'bytes 0-99999/100000', 100_000],
    ['BYTES=5-5', 'bytes 5-5/100000', 1],
  ];
  for (const [range, contentRange, bytes] of partial) {
    const { status, headers, sizeBytes: got } = await ask(range);
    assert.deepEqual([status, headers['content-range'], got], [206, contentRange, bytes], range);
  }
  for (const range of ['bytes=100000-', 'bytes=100000-100001', 'bytes=-0', 'bytes=999999999999999999999-']) {
    const answer = await rest.send({ method: 'GET', path: `/files/${file_id}`, headers: { range } });
    assertRefused(answer, 416, 'RangeNotSatisfiable');
    assert.equal(answer.headers['content-range'], 'bytes */100000', range);
  }
  // What is no range, or is more than one, may be ignored: the whole file is a right answer to it.
  for (const range of ['bytes=5-4', 'bytes=a-b', 'bytes=', 'lines=1-2', 'bytes=0-1,5-6', '0-5']) {
    const { status, sizeBytes: got } = await ask(range);
    assert.deepEqual([status, got], [200, sizeBytes], range);
  }
  const head = await rest.head(file_id, { headers: { range: 'bytes=0-9' } });
  assert.deepEqual([head.status, head.headers['content-length']], [200, '100000'], 'ranges are for GET alone');
});

/** Anywhere, but half the time within a few bytes of the border of a unit, a message or a block. */
function position(choices: Choices, sizeBytes: number, unitBytes: number): number {
  if (choices.chance(50)) return choices.int(0, sizeBytes - 1);
  const step = choices.pick([unitBytes, 6 * unitBytes, 256 * KiB, 4 * KiB]);
  const border = step * choices.int(0, Math.ceil(sizeBytes / step));
  return Math.min(sizeBytes - 1, Math.max(0, border + choices.int(-2, 2)));
}

/** The size of the first chunk tells the unit: it has one in every stripe. */
function unitOf(sizeBytes: number, firstChunkBytes: number): number {
  return Math.ceil(firstChunkBytes / Math.ceil(sizeBytes / (6 * MiB)));
}

async function assertRange(rest: RestClient, fileId: string, file: SeededFile, first: number, last: number) {
  const range = `bytes=${first}-${last}`;
  const { status, headers, stream } = await rest.download(fileId, { range });
  const bytes = last - first + 1;
  const verdict = await verifySeeded(stream, file.seed, bytes, { fromOffset: first });
  assert.equal(verdict.message, 'whole', `${range} of ${file.sizeBytes} bytes: ${verdict.message}`);
  assert.deepEqual(
    [status, headers['content-range'], headers['content-length']],
    [206, `bytes ${first}-${last}/${file.sizeBytes}`, String(bytes)],
  );
}
