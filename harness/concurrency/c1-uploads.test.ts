/** Fifty clients store a file each at the same moment. A failure means that they are mixed up, lost or turned away. */
import assert from 'node:assert/strict';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';

const clients = 50;

testCase(
  'C1',
  '50 concurrent uploads are all stored, each with its own bytes',
  { tags: ['concurrent'] },
  async (ctx) => {
    const rest = restOf(ctx);
    const files = Array.from({ length: clients }, (_, n) => {
      return { seed: `${ctx.seed}/${n}`, filename: `upload-${n}`, sizeBytes: ctx.choices.int(1, 2 * MiB) };
    });
    const isDeclared = files.map(() => ctx.choices.chance(70));

    const stored = await Promise.all(
      files.map((file, n) => storeFile(rest, file, { isDeclared: isDeclared[n] ?? true })),
    );

    assert.equal(new Set(stored.map(({ file_id }) => file_id)).size, clients);
    for (const [n, file] of files.entries()) await assertReadsBack(rest, stored[n]?.file_id ?? '', file);
  },
);
