import { mapParts, measureWork, type Parts } from './work.ts';

const bytesPerGib = 2 ** 30;

/** What it cost to move some bytes. */
export interface Transfer<Part extends string> {
  readonly seconds: number;
  /** Millions of bytes a second. */
  readonly mbPerSecond: number;
  /** Of the processes of each part together; null where the machine does not tell. */
  readonly cpuSecondsPerGib: Readonly<Record<Part, number | null>>;
}

/** Moves `bytes` by `work`, and watches the clock and what CPU time each part of the store takes meanwhile. */
export async function measureTransfer<Part extends string>(
  bytes: number,
  parts: Parts<Part>,
  work: () => Promise<unknown>,
): Promise<Transfer<Part>> {
  const { seconds, cpuSeconds } = await measureWork(parts, work);
  const cpuSecondsPerGib = mapParts(cpuSeconds, (used) => (used === null ? null : (used * bytesPerGib) / bytes));
  return { seconds, mbPerSecond: bytes / 1e6 / seconds, cpuSecondsPerGib };
}
