/** What many clients at once have met. */
export interface Load {
  /** Of each operation. */
  readonly latenciesMs: readonly number[];
  readonly seconds: number;
}

/** `clients` clients take the operations from 0 to `operations` - 1 in turn, each one at a time. */
export async function runLoad(
  clients: number,
  operations: number,
  operation: (index: number) => Promise<void>,
): Promise<Load> {
  const latenciesMs: number[] = [];
  let next = 0;
  const client = async () => {
    while (next < operations) {
      const index = next++;
      const startedAtMs = performance.now();
      await operation(index);
      latenciesMs.push(performance.now() - startedAtMs);
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  return { latenciesMs, seconds: (performance.now() - startedAtMs) / 1000 };
}
