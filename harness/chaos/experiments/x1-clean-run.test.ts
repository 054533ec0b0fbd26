/**
 * A run without faults. Nothing but answers may be in its history: a failure means that the store refuses or loses what nobody
 * disturbed, or that the instrument records what did not happen.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateClients } from '../../kit/experiment/generate/generate-clients.ts';
import type { Plan } from '../../kit/experiment/plan.ts';
import type { EndEvent, HistoryEvent, InvokeEvent } from '../../kit/history/events.ts';
import { Recorder } from '../../kit/history/recorder.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { bucketName, s3Of } from '../../kit/testing/s3-fixtures.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { finalReads } from '../../kit/workloads/final-reads.ts';
import { KnownValues } from '../../kit/workloads/known-values.ts';
import { runClients } from '../../kit/workloads/run-clients.ts';
import { untilServing } from '../../kit/workloads/until-serving.ts';

const MiB = 1024 * 1024;

testCase(
  'X1',
  'a mixed load that nobody disturbs leaves a history of answers alone, each operation with one',
  { cluster: 'own', phase: 3, tags: ['concurrent'], timeoutMs: 120_000 },
  async (ctx) => {
    const plan = planOf(ctx);
    await using cluster = await ownCluster(ctx, { nodes: plan.cluster.nodes, gateways: plan.cluster.gateways });
    const bucket = bucketName(ctx);
    await s3Of(ctx, cluster).createBucket({ Bucket: bucket });
    const { gateways, credentials } = cluster;

    const history = await recordedIn(ctx, plan, async (recorder) => {
      const deps = { gateways, credentials, bucket, recorder, known: new KnownValues(plan), signal: ctx.signal };
      await runClients(plan, deps);
      assert.ok(await untilServing(plan, deps), 'a store that nobody disturbed does not serve');
      await finalReads(plan, deps);
    });

    const operations = operationsIn(history);
    const ends = operations.flatMap(({ end }) => (end === undefined ? [] : [end]));
    assert.equal(ends.length, operations.length, 'an operation has no end');
    const unsound = operations.filter((one) => !isSound(one.end) && !wasReplacedMeanwhile(one, operations));
    assert.deepEqual(unsound, []);
    ctx.note('operations', operations.length);
    for (const kind of ['written', 'refused', 'absent', 'content', 'keys']) {
      const count = ends.filter(({ seen }) => seen?.kind === kind).length;
      ctx.note(kind, count);
      assert.ok(count > 0, `no operation saw "${kind}"`);
    }
  },
);

function planOf({ seed, choices }: CaseContext): Plan {
  const workload = {
    kind: 'mixed',
    clients: 6,
    gateways: 2,
    keys: 12,
    operationsPerSecond: 12,
    seconds: 5,
    bytesMax: 12 * MiB,
    skew: { zipfExponent: 0.8 },
    conditionalPerCent: 40,
  } as const;
  return {
    format: 1,
    seed,
    scenario: 'a clean run',
    cluster: {
      target: 'processes',
      nodes: 6,
      gateways: 2,
      replicas: 2,
      isVersioned: false,
      mutant: null,
      settings: {},
    },
    // A busy machine takes longer than planned; the lists end the load.
    loadMs: 40_000,
    clients: generateClients(workload, choices),
    faults: [],
    limits: { operationMs: 20_000, recoveryMs: 30_000, mendingMs: 0 },
  };
}

async function recordedIn(
  ctx: CaseContext,
  plan: Plan,
  run: (recorder: Recorder) => Promise<void>,
): Promise<HistoryEvent[]> {
  const file = join(ctx.newLogDir('history'), 'history.jsonl');
  using recorder = new Recorder(file, plan);
  await run(recorder);
  recorder.close();
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryEvent);
}

interface Operation {
  readonly invoke: InvokeEvent;
  readonly end: EndEvent | undefined;
}

function operationsIn(history: readonly HistoryEvent[]): Operation[] {
  const ends = new Map(history.flatMap((event) => ('answer' in event ? [[event.op, event]] : [])));
  return history.flatMap((event) => (event.type === 'invoke' ? [{ invoke: event, end: ends.get(event.op) }] : []));
}

function isSound(end: EndEvent | undefined): boolean {
  if (end?.type !== 'ok') return false;
  const { seen } = end;
  if (seen?.kind === 'content') return seen.value !== null && seen.wrong === null;
  if (seen?.kind === 'keys') return seen.keys.every(({ value }) => value !== null);
  return seen?.kind !== 'written' || seen.wrong === undefined;
}

/** The connection of a reader may break when what it reads is deleted or replaced by then. */
function wasReplacedMeanwhile({ invoke, end }: Operation, operations: readonly Operation[]): boolean {
  const { call, at } = invoke;
  if (call.kind !== 'get' || end?.answer !== 'ECONNRESET') return false;
  return operations.some(({ invoke: { call: other, at: otherAt }, end: otherEnd }) => {
    const isWrite = (other.kind === 'put' || other.kind === 'delete') && other.key === call.key;
    return isWrite && otherAt < end.at && (otherEnd?.at ?? Number.POSITIVE_INFINITY) > at;
  });
}
