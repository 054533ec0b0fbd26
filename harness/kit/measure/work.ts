import type { ManagedProcess } from '../cluster/target.ts';

/** What some work cost. */
export interface Work<Part extends string> {
  readonly seconds: number;
  /** Of the processes of each part together; null where the machine does not tell. */
  readonly cpuSeconds: Readonly<Record<Part, number | null>>;
}

export type Watched = Pick<ManagedProcess, 'cpuSeconds'>;
export type Parts<Part extends string> = Readonly<Record<Part, readonly Watched[]>>;

/** Does the work, and watches the clock and what CPU time each part of the store takes meanwhile. */
export async function measureWork<Part extends string>(
  parts: Parts<Part>,
  work: () => Promise<unknown>,
): Promise<Work<Part>> {
  const before = cpuSecondsOfEach(parts);
  const startedAtMs = performance.now();
  await work();
  const seconds = (performance.now() - startedAtMs) / 1000;
  const after = cpuSecondsOfEach(parts);
  const cpuSeconds = mapParts(before, (used, part) => {
    const usedAfter = after[part];
    return used === null || usedAfter === null ? null : usedAfter - used;
  });
  return { seconds, cpuSeconds };
}

export function mapParts<Part extends string, From, To>(
  parts: Readonly<Record<Part, From>>,
  convert: (from: From, part: Part) => To,
): Record<Part, To> {
  const entries = Object.entries(parts) as [Part, From][];
  return Object.fromEntries(entries.map(([part, from]) => [part, convert(from, part)])) as Record<Part, To>;
}

function cpuSecondsOfEach<Part extends string>(parts: Parts<Part>): Record<Part, number | null> {
  return mapParts(parts, (processes) => {
    const each = processes.map((process) => process.cpuSeconds());
    return each.includes(null) ? null : each.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  });
}
