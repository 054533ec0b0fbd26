/**
 * Two operations on one file at the same moment, many rounds of each pair, the delay between them and the sizes
 * chosen by the seed. Whatever wins, each client must see one of the orders that are possible one after the
 * other: the whole file or 404, never a part, never a success for two deletes.
 */
import assert from 'node:assert/strict';
import type { RestClient } from '../kit/clients/rest-client.ts';
import { verifySeeded } from '../kit/seed/verify-seeded.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';
import { soon } from './soon.ts';

const rounds = 40;
const options = { tags: ['concurrent'] } as const;

testCase(
  'C5',
  'of deletes that race on one file exactly one succeeds, the others find nothing',
  options,
  async (ctx) => {
    const rest = restOf(ctx);
    await inRounds(ctx, rest, 1_000, async ({ fileId, round }) => {
      const racers = Array.from({ length: round.int(2, 5) }, () =>
        soon(round.int(0, 3)).then(() => rest.delete(fileId)),
      );
      const statuses = (await Promise.all(racers)).map(({ status }) => status).sort();
      assert.deepEqual(statuses, [200, ...statuses.slice(1).map(() => 404)]);
    });
  },
);

testCase('C5b', 'a read that races a delete gets the whole file, 404, or a broken connection', options, async (ctx) => {
  const rest = restOf(ctx);
  const seen = { whole: 0, notFound: 0, broken: 0 };
  await inRounds(ctx, rest, 3 * MiB, async ({ fileId, file, round }) => {
    const reads = Array.from({ length: 3 }, async () => {
      await soon(round.int(0, 12));
      seen[await readOnce(rest, fileId, file)] += 1;
    });
    const removal = soon(round.int(0, 12)).then(() => rest.delete(fileId));
    await Promise.all(reads);
    assert.equal((await removal).status, 200);
  });
  ctx.note('reads', `${seen.whole} whole, ${seen.notFound} not found, ${seen.broken} broken`);
  assert.ok(seen.whole > 0 && seen.notFound > 0, 'both orders must have come up, or there was no race');
});

testCase('C5c', 'metadata that races a delete is complete or 404', options, async (ctx) => {
  const rest = restOf(ctx);
  await inRounds(ctx, rest, 100_000, async ({ fileId, file, round }) => {
    const asks = Array.from({ length: 4 }, async () => {
      await soon(round.int(0, 4));
      const { status, body } = await rest.metadata(fileId);
      if (status === 404) return;
      assert.equal(status, 200);
      assert.deepEqual([body.size, body.status, body.chunks.length], [file.sizeBytes, 'completed', 6]);
      assert.equal(
        body.chunks.reduce((sum, { size }) => sum + size, 0),
        file.sizeBytes,
      );
    });
    const removal = soon(round.int(0, 4)).then(() => rest.delete(fileId));
    await Promise.all(asks);
    assert.equal((await removal).status, 200);
    assert.equal((await rest.metadata(fileId)).status, 404);
  });
});

testCase('C5d', 'a list that races a delete shows the file as completed or not at all', options, async (ctx) => {
  const rest = restOf(ctx);
  await inRounds(ctx, rest, 1_000, async ({ fileId, round }) => {
    const { body: before } = await rest.list({ page: 1, perPage: 1 });
    const lastPage = Math.ceil(before.total / 20);
    const lists = [lastPage, lastPage + 1].map(async (page) => {
      await soon(round.int(0, 4));
      const { status, body } = await rest.list({ page, perPage: 20 });
      assert.equal(status, 200);
      assert.ok(body.files.every((one) => one.upload_status === 'completed' && one.checksum !== null));
      assert.ok(body.files.filter(({ file_id }) => file_id === fileId).length <= 1);
    });
    const removal = soon(round.int(0, 4)).then(() => rest.delete(fileId));
    await Promise.all(lists);
    assert.equal((await removal).status, 200);
    assert.ok(!(await isListed(rest, fileId)), 'a file that was deleted is listed no more');
  });
});

testCase('C5e', 'uploads of one filename at once are two files, both whole', options, async (ctx) => {
  const rest = restOf(ctx);
  for (let n = 0; n < rounds / 2; n++) {
    const round = ctx.choices.fork(`round-${n}`);
    const files = [1, 2].map((twin) => {
      return { seed: `${ctx.seed}/${n}/${twin}`, filename: `same-name-${n}.bin`, sizeBytes: round.int(1, MiB) };
    });
    const stored = await Promise.all(files.map((file) => storeFile(rest, file)));
    assert.notEqual(stored[0]?.file_id, stored[1]?.file_id);
    for (const [twin, file] of files.entries()) await assertReadsBack(rest, stored[twin]?.file_id ?? '', file);
  }
});

interface Round {
  readonly fileId: string;
  readonly file: SeededFile;
  readonly round: CaseContext['choices'];
}

async function inRounds(
  ctx: CaseContext,
  rest: RestClient,
  bytesMax: number,
  race: (round: Round) => Promise<void>,
): Promise<void> {
  for (let n = 0; n < rounds; n++) {
    const round = ctx.choices.fork(`round-${n}`);
    const file = { seed: `${ctx.seed}/${n}`, filename: `race-${n}.bin`, sizeBytes: round.int(1, bytesMax) };
    const { file_id } = await storeFile(rest, file);
    await race({ fileId: file_id, file, round });
  }
}

/** What a reader can meet. Everything else (a short or a wrong body taken for the whole, another status) throws. */
async function readOnce(rest: RestClient, fileId: string, file: SeededFile): Promise<'whole' | 'notFound' | 'broken'> {
  const { status, headers, stream } = await rest.download(fileId);
  if (status === 404) {
    stream.resume();
    return 'notFound';
  }
  assert.equal(status, 200);
  assert.equal(headers['content-length'], String(file.sizeBytes));
  const bytes = verifySeeded(stream, file.seed, file.sizeBytes);
  const verdict = await bytes.catch((error: NodeJS.ErrnoException) => {
    assert.equal(error.code, 'ECONNRESET', 'only a connection that ends before its declared length may be the reason');
    return null;
  });
  if (verdict === null) return 'broken';
  assert.equal(verdict.message, 'whole');
  return 'whole';
}

async function isListed(rest: RestClient, fileId: string): Promise<boolean> {
  for (let page = 1; ; page++) {
    const { body } = await rest.list({ page, perPage: 1_000 });
    if (body.files.some(({ file_id }) => file_id === fileId)) return true;
    if (body.files.length === 0) return false;
  }
}
