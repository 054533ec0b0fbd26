/** The limit to the byte. A failure means that it is off by one, or that files of that size cannot be kept. */
import assert from 'node:assert/strict';
import { assertNothingLeft } from '../kit/census/nothing-left.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { sendFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { fileBytesMax } from './sizes.ts';
import { transferBothWays } from './transfer.ts';

testCase(
  'E9',
  'exactly 10 GiB are accepted, up and down, and one byte more is refused',
  { tags: ['slow', 'large'], timeoutMs: 30 * 60_000 },
  async (ctx) => {
    const filename = `one-byte-more-${ctx.seed.replace('/', '-')}.bin`;
    const tooMuch = { seed: ctx.seed, filename, sizeBytes: fileBytesMax + 1 };

    const refused = await sendFile(restOf(ctx), tooMuch, { expectContinue: true });

    assert.match(assertRefused(refused, 400, 'TooLarge').error, /size/);
    await assertNothingLeft(ctx, [filename]);
    await transferBothWays(ctx, { seed: ctx.seed, filename: 'ten-gibibytes.bin', sizeBytes: fileBytesMax });
  },
);
