import assert from 'node:assert/strict';

/** What the SDK throws when the store refuses, as far as the suites look at it. */
export interface Refusal extends Error {
  readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly headers: Readonly<Record<string, string>> };
}

/** Asserts that the store refuses with this status and code. An answer to HEAD has no body, so no code: null. Gives the error back. */
export async function assertRefused(attempt: Promise<unknown>, status: number, code: string | null): Promise<Refusal> {
  const outcome = await attempt.then(
    () => undefined,
    (error: Refusal) => error,
  );
  assert.ok(outcome !== undefined, `it was not refused; expected ${status} ${code ?? ''}`);
  if (outcome.$metadata === undefined) throw outcome;
  const seen = [outcome.$metadata.httpStatusCode, code === null ? null : outcome.name];
  assert.deepEqual(seen, [status, code], `${outcome.name}: ${outcome.message}`);
  return outcome;
}
