import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../experiment/plan.ts';
import type { Call, EndEvent, HistoryEvent, InvokeEvent, Seen } from '../history/events.ts';
import { isEnd } from '../history/operations.ts';
import { Recorder } from '../history/recorder.ts';
import type { RunDeps } from './gateway-connections.ts';
import { KnownValues } from './known-values.ts';
import { LyingS3, type S3Lies } from './lying-s3.fixture.ts';
import { runClients } from './run-clients.ts';

/** A call over S3, without what most tests do not care for. */
export const s3 = {
  put: (value: string, bytes = 20_000, more: Partial<Extract<Call, { kind: 'put' }>> = {}): Call => {
    return { via: 's3', kind: 'put', key: 'keys/a', value, bytes, parts: 1, condition: null, ...more };
  },
  get: (range: { first: number; last: number } | null = null): Call => ({
    via: 's3',
    kind: 'get',
    key: 'keys/a',
    range,
  }),
  head: (): Call => ({ via: 's3', kind: 'head', key: 'keys/a' }),
  delete: (): Call => ({ via: 's3', kind: 'delete', key: 'keys/a' }),
  list: (): Call => ({ via: 's3', kind: 'list', prefix: 'keys/' }),
};

/** A plan of one client that makes these calls, one after the other. */
export function planOf(calls: readonly Call[], limits: Partial<Plan['limits']> = {}): Plan {
  const operations = calls.map((call) => ({ atMs: 0, gateway: 0, call }));
  return {
    format: 1,
    seed: '1',
    scenario: 'test',
    cluster: {
      target: 'processes',
      nodes: 6,
      gateways: 1,
      replicas: 2,
      isVersioned: false,
      mutant: null,
      settings: {},
    },
    loadMs: 60_000,
    clients: [{ name: 'client-1', operations }],
    faults: [],
    limits: { operationMs: 20_000, recoveryMs: 20_000, mendingMs: 0, ...limits },
  };
}

/** What a store that lies so makes a client record, which makes these calls. */
export async function against(lies: S3Lies, ...calls: Call[]): Promise<RecordedOperation[]> {
  await using store = await LyingS3.start(lies);
  return await recorded(planOf(calls), { s3: store.url }, runClients);
}

export function lastSeen(operations: readonly RecordedOperation[]): Seen | null | undefined {
  return operations.at(-1)?.end?.seen;
}

export function content(value: string | null, wrong: string | null): Seen {
  return { kind: 'content', value, version: null, wrong };
}

/** Runs something of a plan against that store, and gives back what was recorded. */
export async function recorded(
  plan: Plan,
  at: { readonly s3?: URL; readonly rest?: URL },
  run: (plan: Plan, deps: RunDeps) => Promise<unknown>,
): Promise<RecordedOperation[]> {
  const dir = mkdtempSync(join(tmpdir(), 'sextant-recorded-'));
  const nowhere = new URL('http://127.0.0.1:1');
  try {
    using recorder = new Recorder(join(dir, 'history.jsonl'), plan);
    const gateways = [{ name: 'gateway-1', s3: at.s3 ?? nowhere, rest: at.rest ?? nowhere }];
    const credentials = { accessKey: 'key', secretKey: 'secret' };
    const known = new KnownValues(plan);
    await run(plan, { gateways, credentials, bucket: 'bucket', recorder, known, signal: new AbortController().signal });
    recorder.close();
    return operationsOf(readHistory(join(dir, 'history.jsonl')));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export interface RecordedOperation {
  readonly invoke: InvokeEvent;
  /** Undefined where none was recorded. */
  readonly end: EndEvent | undefined;
}

function readHistory(file: string): HistoryEvent[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as HistoryEvent);
}

function operationsOf(history: readonly HistoryEvent[]): RecordedOperation[] {
  const ends = new Map<number, EndEvent>();
  for (const event of history) {
    if (isEnd(event)) ends.set(event.op, event);
  }
  const invokes = history.filter((event) => event.type === 'invoke');
  return invokes.map((invoke) => ({ invoke, end: ends.get(invoke.op) }));
}
