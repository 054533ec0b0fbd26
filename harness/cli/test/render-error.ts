/** An error with its stack, without the frames of Node itself, and with what caused it. */
export function renderError(error: unknown): string {
  // node:test wraps what a test threw; a timeout or an abort it tells in words.
  const wrapped = error instanceof Error && 'failureType' in error ? (error.cause ?? error.message) : error;
  return chain(wrapped, 0).join('\n');
}

const causesMax = 5;

function chain(error: unknown, depth: number): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = trimmed(error.stack ?? `${error.name}: ${error.message}`);
  const others = error instanceof AggregateError ? error.errors.flatMap((one) => chain(one, depth + 1)) : [];
  if (error.cause === undefined || depth >= causesMax) return [own, ...others];
  const [first = '', ...rest] = chain(error.cause, depth + 1);
  return [own, ...others, `caused by ${first}`, ...rest];
}

function trimmed(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !/^\s+at .*(node:internal|node:async_hooks)/.test(line))
    .join('\n')
    .replaceAll('file://', '');
}
