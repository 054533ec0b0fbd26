/**
 * Walks over all pages: every file of the case must be there once. A failure means that a listing hides files or shows them twice.
 */
import assert from 'node:assert/strict';
import type { RestClient } from '../kit/clients/rest-client.ts';
import type { FileMetadata } from '../kit/clients/rest-types.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { storeFile } from '../kit/workloads/seeded-file.ts';

const fileCount = 12;

type ListedFile = Omit<FileMetadata, 'chunks'>;

testCase('E5', 'every file is listed once over all the pages', {}, async (ctx) => {
  const rest = restOf(ctx);
  const stored = [];
  for (let n = 0; n < fileCount; n++) {
    const file = { seed: `${ctx.seed}/${n}`, filename: `page-${n}.bin`, sizeBytes: 1 + n * 100 };
    stored.push(await storeFile(rest, file));
  }
  const perPage = ctx.choices.int(3, 7);

  const listed = await allPages(ctx, rest, perPage);

  assert.equal(new Set(listed.map(({ file_id }) => file_id)).size, listed.length, 'no file is listed twice');
  for (const file of stored) {
    const found = listed.filter(({ file_id }) => file_id === file.file_id);
    assert.equal(found.length, 1, `${file.filename} is listed ${found.length} times`);
    const { filename, content_type, size, checksum, status, upload_status } = found[0] as ListedFile;
    assert.deepEqual(
      { filename, content_type, size, checksum, status, upload_status },
      {
        filename: file.filename,
        content_type: file.content_type,
        size: file.size,
        checksum: file.checksum,
        status: 'completed',
        upload_status: 'completed',
      },
    );
  }
  const order = stored.map(({ file_id }) => listed.findIndex((one) => one.file_id === file_id));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    'files are listed in the order in which they came',
  );
});

testCase('E5b', 'a page behind the last is empty, and page and per_page have defaults', {}, async (ctx) => {
  const rest = restOf(ctx);
  await storeFile(rest, { seed: ctx.seed, filename: 'one.bin', sizeBytes: 1 });

  const far = await rest.list({ page: 1_000_000, perPage: 1_000 });
  const first = await rest.list();

  assert.deepEqual([far.status, far.body.files, far.body.page, far.body.per_page], [200, [], 1_000_000, 1_000]);
  assert.ok(far.body.total >= 1);
  assert.deepEqual([first.status, first.body.page, first.body.per_page], [200, 1, 10]);
  assert.ok(first.body.files.length >= 1 && first.body.files.length <= 10);
});

/** All pages until one is empty. Deletions by others shift the pages behind them, so a walk that saw the total shrink is repeated. */
function allPages(ctx: CaseContext, rest: RestClient, perPage: number): Promise<ListedFile[]> {
  return until({ what: 'a walk during which nobody deletes', withinMs: 30_000, signal: ctx.signal }, async () => {
    const { files, totals } = await walk(rest, perPage);
    return totals.every((total, page) => total >= (totals[page - 1] ?? 0)) ? files : undefined;
  });
}

async function walk(rest: RestClient, perPage: number): Promise<{ files: ListedFile[]; totals: number[] }> {
  const files: ListedFile[] = [];
  const totals: number[] = [];
  for (let page = 1; ; page++) {
    const { status, body } = await rest.list({ page, perPage });
    assert.equal(status, 200);
    assert.deepEqual([body.page, body.per_page], [page, perPage]);
    totals.push(body.total);
    if (body.files.length === 0) return { files, totals };
    assert.ok(body.files.length <= perPage);
    files.push(...body.files);
  }
}
