import type { ManagedProcess } from '../cluster/target.ts';

const bytesPerGib = 2 ** 30;

/** What it cost to move some bytes. */
export interface Transfer<Part extends string> {
  readonly seconds: number;
  /** Millions of bytes a second. */
  readonly mbPerSecond: number;
  /** Of the processes of each part together; null where the machine does not tell. */
  readonly cpuSecondsPerGib: Readonly<Record<Part, number | null>>;
}

type Watched = Pick<ManagedProcess, 'cpuSeconds'>;

/** Moves `bytes` by `work`, and watches the clock and what CPU time each part of the store takes meanwhile. */
export async function measureTransfer<Part extends string>(
  bytes: number,
  parts: Readonly<Record<Part, readonly Watched[]>>,
  work: () => Promise<unknown>,
): Promise<Transfer<Part>> {
  const cpuSecondsBefore = cpuSecondsOfEach(parts);
  const startedAtMs = performance.now();
  await work();
  const seconds = (performance.now() - startedAtMs) / 1000;
  const cpuSecondsAfter = cpuSecondsOfEach(parts);
  const cpuSecondsPerGib = mapParts(parts, (_, part) => {
    const [before, after] = [cpuSecondsBefore[part], cpuSecondsAfter[part]];
    return before === null || after === null ? null : ((after - before) * bytesPerGib) / bytes;
  });
  return { seconds, mbPerSecond: bytes / 1e6 / seconds, cpuSecondsPerGib };
}

function cpuSecondsOfEach<Part extends string>(parts: Readonly<Record<Part, readonly Watched[]>>) {
  return mapParts(parts, (processes) => {
    const each = processes.map((process) => process.cpuSeconds());
    return each.includes(null) ? null : each.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  });
}

function mapParts<Part extends string, From, To>(
  parts: Readonly<Record<Part, From>>,
  convert: (from: From, part: Part) => To,
): Record<Part, To> {
  const entries = Object.entries(parts) as [Part, From][];
  return Object.fromEntries(entries.map(([part, from]) => [part, convert(from, part)])) as Record<Part, To>;
}
