import { type Figure, medianOf } from './figure.ts';
import { rounded } from './table.ts';

export interface Target {
  readonly what: string;
  /** Added up where there are several. */
  readonly keys: readonly string[];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: string;
}

/** Of the medians, on two cores with the client on the same ones, 1 GiB, everything flushed to disk. */
export const targets: readonly Target[] = [
  { what: 'upload, R=2, floor', keys: ['large.put.r2'], atLeast: 100, unit: 'MB/s' },
  { what: 'download, R=2, floor', keys: ['large.get.r2'], atLeast: 100, unit: 'MB/s' },
  { what: 'upload, R=1', keys: ['large.put.r1'], atLeast: 300, unit: 'MB/s' },
  { what: 'upload, R=2', keys: ['large.put.r2'], atLeast: 180, unit: 'MB/s' },
  { what: 'download, R=1', keys: ['large.get.r1'], atLeast: 450, unit: 'MB/s' },
  { what: 'download, R=2', keys: ['large.get.r2'], atLeast: 450, unit: 'MB/s' },
  {
    what: 'CPU of an upload, R=1',
    keys: ['large.put.cpu.gateway.r1', 'large.put.cpu.nodes.r1'],
    atMost: 6,
    unit: 's/GiB',
  },
  {
    what: 'CPU of an upload, R=2',
    keys: ['large.put.cpu.gateway.r2', 'large.put.cpu.nodes.r2'],
    atMost: 9,
    unit: 's/GiB',
  },
  { what: 'chunk write on one node', keys: ['chunk.write'], atLeast: 200, unit: 'MB/s' },
  { what: 'chunk read on one node', keys: ['chunk.read'], atLeast: 200, unit: 'MB/s' },
  { what: 'metadata, p99 at 16 clients', keys: ['metadata.p99'], atMost: 50, unit: 'ms' },
  { what: 'metadata operations', keys: ['metadata.ops'], atLeast: 1000, unit: 'ops/s' },
  { what: 'peak memory of the gateway', keys: ['rss.gateway'], atMost: 256, unit: 'MiB' },
  { what: 'peak memory of a node', keys: ['rss.node'], atMost: 256, unit: 'MiB' },
];

export interface Verdict {
  readonly what: string;
  readonly wanted: string;
  readonly found: number | null;
  readonly outcome: 'pass' | 'below' | 'above' | 'not measured';
}

export function judge(figures: readonly Figure[], targets: readonly Target[]): Verdict[] {
  return targets.map(({ what, keys, atLeast = -Infinity, atMost = Infinity, unit }) => {
    const wanted = atLeast === -Infinity ? `at most ${atMost} ${unit}` : `at least ${atLeast} ${unit}`;
    const found = keys.map((key) => medianOf(figures, key));
    if (found.includes(undefined)) return { what, wanted, found: null, outcome: 'not measured' };
    const sum = found.reduce<number>((total, value) => total + (value ?? 0), 0);
    const outcome = sum < atLeast ? 'below' : sum > atMost ? 'above' : 'pass';
    return { what, wanted, found: sum, outcome };
  });
}

/** Whether `--enforce` lets a run pass: it came to its end, judged something, and found nothing short of its target. */
export function isEnough(verdicts: readonly Verdict[], isCutShort: boolean): boolean {
  const outcomes = verdicts.map(({ outcome }) => outcome);
  return !isCutShort && outcomes.includes('pass') && !outcomes.includes('below') && !outcomes.includes('above');
}

export function printVerdicts(verdicts: readonly Verdict[], sizeBytes: number): void {
  const note = sizeBytes === 2 ** 30 ? '' : ` (they are meant for 1 GiB, and this was ${sizeBytes / 2 ** 20} MiB)`;
  console.log(`\nTargets${note}`);
  for (const { what, wanted, found, outcome } of verdicts) {
    if (outcome === 'not measured') continue;
    console.log(`  ${outcome.padEnd(7)}${what.padEnd(38)}${rounded(found ?? 0).padStart(9)}   ${wanted}`);
  }
  const missing = verdicts.filter(({ outcome }) => outcome === 'not measured').map(({ what }) => what);
  if (missing.length > 0) console.log(`  not measured: ${missing.join('; ')}`);
}
