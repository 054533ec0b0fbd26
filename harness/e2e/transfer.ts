import type { CaseContext } from '../kit/testing/case-context.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { assertReadsBack, type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';

/** A large file up, down and away again, with both rates in the report. Every byte is compared on the fly. */
export async function transferBothWays(ctx: CaseContext, file: SeededFile): Promise<void> {
  const rest = restOf(ctx);
  const { result: stored, seconds: upSeconds } = await timed(() => storeFile(rest, file));
  try {
    const { seconds: downSeconds } = await timed(() => assertReadsBack(rest, stored.file_id, file));
    ctx.note('MB/s up', megabytesPerSecond(file.sizeBytes, upSeconds));
    ctx.note('MB/s down', megabytesPerSecond(file.sizeBytes, downSeconds));
  } finally {
    await rest.delete(stored.file_id);
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const sinceMs = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - sinceMs) / 1000 };
}

function megabytesPerSecond(bytes: number, seconds: number): number {
  return Math.round(bytes / 1e6 / seconds);
}
