import type { Seen } from '../history/events.ts';
import type { Outcome } from '../history/recorder.ts';

/** A read that was not answered has no effect to be unsure of. */
export type Intent = 'read' | 'write';

export interface Refusal {
  readonly status: number;
  /** The store's word for it; null where it gave none. */
  readonly code: string | null;
  readonly trace: string | null;
}

export function seen(answer: string, trace: string | null, what: Seen | null): Outcome {
  return { type: 'ok', answer, trace, seen: what };
}

/**
 * Only a 3xx or 4xx says for sure that nothing was written: behind a 5xx, and SlowDown is no exception, a commit may have
 * taken effect.
 */
export function refused(intent: Intent, { status, code, trace }: Refusal): Outcome {
  const isCertain = intent === 'read' || (status >= 300 && status < 500);
  const answer = code === null ? String(status) : `${status} ${code}`;
  return { type: isCertain ? 'fail' : 'info', answer, trace, seen: null };
}

/** No whole answer came. Throws what is no failure of the connection: that is a fault of the harness. */
export function unanswered(intent: Intent, error: unknown): Outcome {
  const answer = failureOf(error);
  if (answer === null) throw error;
  const isCertain = intent === 'read' || wasNeverConnected(error);
  return { type: isCertain ? 'fail' : 'info', answer, trace: null, seen: null };
}

/** An answer that no S3 client could make sense of: it says nothing. */
export class MalformedAnswer extends Error {
  override name = 'MalformedAnswer';
}

/** Classified by code, never by the text of a message. */
function failureOf(error: unknown): string | null {
  if (error instanceof MalformedAnswer) return error.name;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ABORT_ERR') return 'NoAnswer';
  const isOfConnection = /^(?:E[A-Z]+|HPE_[A-Z_]+|ERR_STREAM_PREMATURE_CLOSE)$/.test(String(code));
  return isOfConnection ? String(code) : null;
}

function wasNeverConnected(error: unknown): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return code === 'ECONNREFUSED' || syscall === 'connect';
}
