import assert from 'node:assert/strict';
import type { CaseContext } from '../testing/case-context.ts';
import { until } from '../testing/until.ts';
import { databaseOf, unownedChunks } from './census.ts';
import { readDisks } from './chunk-files.ts';
import { MetadataTables } from './metadata-tables.ts';

const withinMs = 20_000;

/**
 * Asserts that refused uploads with these names have left nothing: no rows, no chunk of no file, no unfinished
 * file. Others may be working on the store meanwhile, so of the disks it is asked that whatever belongs to nobody
 * now goes away. On a target that cannot be looked into, the report gets a note that this was not checked.
 */
export async function assertNothingLeft(ctx: CaseContext, filenames: readonly string[]): Promise<void> {
  const { target } = ctx;
  if (!target.capabilities.has('database') || !target.capabilities.has('disks')) {
    ctx.note('what is left behind', 'not checked: the target cannot be looked into');
    return;
  }
  await using tables = await MetadataTables.connect(databaseOf(target));
  // The answer of a broken connection is not waited for by anybody, so the cancellation may still be under way.
  await until({ what: `no rows of ${filenames.join(', ')}`, withinMs }, async () => {
    return (await tables.filesNamed(filenames)).length === 0;
  });

  const unfinished = async () =>
    (await readDisks(target.nodes)).flatMap((disk) => disk.unfinished.map((name) => `${disk.serverId}/${name}`));
  const unowned = async () =>
    unownedChunks(await readDisks(target.nodes), await tables.chunks()).map(
      ({ serverId, chunkId }) => `${serverId}/${chunkId}`,
    );
  // In this order: a file that is finished late turns from the one into the other.
  await untilGone('unfinished files', unfinished);
  await untilGone('chunks of no file', unowned);
}

async function untilGone(what: string, list: () => Promise<string[]>): Promise<void> {
  const before = await list();
  let left = before;
  await until({ what: `${what} to go away`, withinMs }, async () => {
    const now = new Set(await list());
    left = before.filter((one) => now.has(one));
    return left.length === 0;
  }).catch(() => assert.deepEqual(left, [], `${what} were left behind for ${withinMs / 1000} s`));
}
