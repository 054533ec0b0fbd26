/** Lets `turns` turns of the event loop pass: a delay between racers that does not depend on the clock. */
export async function soon(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
