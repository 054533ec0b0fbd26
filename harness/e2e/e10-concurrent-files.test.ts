/**
 * Clients that each work on files of their own must not notice one another. A failure means that bytes or rows of
 * different files get mixed.
 */
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';

const clients = 12;
const filesPerClient = 4;

testCase(
  'E10',
  'concurrent uploads, downloads and deletes of different files do not disturb one another',
  { tags: ['concurrent'] },
  async (ctx) => {
    const rest = restOf(ctx);
    const oneClient = async (client: number) => {
      const choices = ctx.choices.fork(`client-${client}`);
      for (let n = 0; n < filesPerClient; n++) {
        const name = `client-${client}-file-${n}`;
        const file = { seed: `${ctx.seed}/${name}`, filename: name, sizeBytes: choices.int(1, 3 * MiB) };
        const { file_id } = await storeFile(rest, file, { isDeclared: choices.chance(70) });
        await assertReadsBack(rest, file_id, file);
        if (choices.chance(40)) continue;
        await rest.delete(file_id);
        assertRefused(await rest.metadata(file_id), 404, 'FileNotFound');
      }
    };
    await Promise.all(Array.from({ length: clients }, (_, client) => oneClient(client)));
  },
);
