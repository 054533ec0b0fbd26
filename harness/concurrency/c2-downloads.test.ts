/** A hundred clients read at once, most of them the same file. A failure means that readers disturb one another. */
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';

const clients = 100;
const fileCount = 4;

testCase('C2', '100 concurrent downloads all get the right bytes', { tags: ['concurrent'] }, async (ctx) => {
  const rest = restOf(ctx);
  const files = Array.from({ length: fileCount }, (_, n) => {
    return { seed: `${ctx.seed}/${n}`, filename: `popular-${n}`, sizeBytes: ctx.choices.int(1, 4 * MiB) };
  });
  const stored = await Promise.all(
    files.map(async (file) => ({ file, fileId: (await storeFile(rest, file)).file_id })),
  );
  const wanted = Array.from({ length: clients }, () => ctx.choices.pick(stored));

  await Promise.all(wanted.map(({ file, fileId }) => assertReadsBack(rest, fileId, file)));
});
