import assert from 'node:assert/strict';
import { bytesPerServer, type Layout, layoutOf, movedBytes, spread } from '../../kit/census/replica-moves.ts';
import type { RestClient } from '../../kit/clients/rest-client.ts';
import type { Target, TargetNode } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { until } from '../../kit/testing/until.ts';
import type { Ledger } from '../../kit/workloads/ledger.ts';
import { startMixedLoad } from '../../kit/workloads/mixed-load.ts';
import { storeFiles } from '../../kit/workloads/stored-files.ts';

/** Chunks of one page each, so that bytes and numbers of chunks tell the same. */
const evenFileBytes = 6 * 4096;
/** Between the fullest and the emptiest, as a part of the mean. */
const spreadMax = 0.1;
/** Of the bytes that no plan can do without. */
const movedMax = 1.2;

/** How many files lie there before anything moves: 6 chunks each. */
const filesBefore = { fast: 100, full: 1_667 };
export const evenWithinMs = { fast: 60_000, full: 600_000 };

export async function storeEvenFiles(ctx: CaseContext, rest: RestClient): Promise<void> {
  await storeFiles(rest, { seed: ctx.seed, count: filesBefore[ctx.tier], sizeBytes: evenFileBytes });
}

/** Few files, none larger than those before, so that the load itself fills no node more than another. */
export function startEvenLoad({ seed }: CaseContext, { rest }: Target) {
  return startMixedLoad({ gateways: [rest], seed, clients: 3, filesMax: 30, bytesMax: evenFileBytes });
}

/** Waits until the disks of these nodes are filled evenly. */
export async function untilEven(ctx: CaseContext, nodes: readonly TargetNode[], withinMs: number): Promise<void> {
  const sinceMs = performance.now();
  let fill: number[] = [];
  const isEven = async () => {
    fill = [...bytesPerServer(await layoutOf(nodes)).values()];
    return spread(fill) <= spreadMax;
  };
  const what = `${nodes.length} nodes to be filled within ${spreadMax * 100} % of the mean`;
  await until({ what, withinMs, pollMs: 500 }, isEven).catch((error) => {
    throw new Error(`${error.message}; they hold ${fill.join(' ')} bytes`, { cause: error });
  });
  ctx.note('evenly filled after s', ((performance.now() - sinceMs) / 1000).toFixed(1));
}

/** Fails unless `remaining` are filled evenly now and no more was moved since `before` than had to be. */
export async function assertMovedLittle(
  ctx: CaseContext,
  before: Layout,
  all: readonly TargetNode[],
  remaining: readonly TargetNode[],
): Promise<void> {
  const after = await layoutOf(all);
  const ids = new Set(remaining.map(({ serverId }) => serverId));
  const fill = [...bytesPerServer(after)].filter(([serverId]) => ids.has(serverId)).map(([, bytes]) => bytes);
  const { moved, least } = movedBytes(before, after, ids);
  ctx.note('fullest less emptiest, % of the mean', (spread(fill) * 100).toFixed(1));
  ctx.note('bytes moved, times the least possible', (moved / least).toFixed(2));
  assert.ok(spread(fill) <= spreadMax, `the nodes hold ${fill.join(' ')} bytes`);
  assert.ok(moved <= movedMax * least, `${moved} bytes were moved, and ${least} would have done`);
}

/** Every request of the load was served. A read of a file whose delete is under way may find nothing. */
export function assertNothingRefused({ log }: Ledger): void {
  const isServed = (answer: string) => / (200|201)$/.test(answer) || answer === 'download 404 FileNotFound';
  const refused = [...log.tally].filter(([answer]) => !isServed(answer));
  assert.deepEqual(
    refused.map(([answer, { count }]) => `${answer} (${count})`),
    [],
    'no request may fail',
  );
}
