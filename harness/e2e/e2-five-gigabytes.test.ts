/** A file far larger than any memory involved. A failure means that something is buffered whole, or gives out. */
import { testCase } from '../kit/testing/test-case.ts';
import { transferBothWays } from './transfer.ts';

testCase(
  'E2',
  '5 GB go up and come down identical',
  { tags: ['slow', 'large'], timeoutMs: 15 * 60_000 },
  async (ctx) => {
    await transferBothWays(ctx, { seed: ctx.seed, filename: 'five-gigabytes.bin', sizeBytes: 5_000_000_000 });
  },
);
