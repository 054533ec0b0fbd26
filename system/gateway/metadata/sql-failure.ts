import { DatabaseError } from 'pg';

/**
 * What a failed statement tells about its effect:
 * - `unsent`: it never reached the server; it did nothing.
 * - `undone`: the server answered that it rolled it back for a passing reason (deadlock, its time limit); it did nothing.
 * - `lost`: the connection broke or stayed silent after it was sent; it may have happened.
 * - `wrong`: the statement itself is at fault; trying again cannot help.
 */
export type SqlFailure = 'unsent' | 'undone' | 'lost' | 'wrong';

/** Classifies by SQLSTATE and by type, never by message text. `wasSent`: whether the statement may have left this process. */
export function classifySqlFailure(error: unknown, wasSent: boolean): SqlFailure {
  if (error instanceof DatabaseError) {
    const kind = bySqlState(error.code ?? '');
    return kind === 'lost' && !wasSent ? 'unsent' : kind;
  }
  // A value that could not be turned into a parameter: ours to mend, and nothing was sent.
  if (error instanceof TypeError || error instanceof RangeError) return 'wrong';
  // Everything else comes from the socket or from a timer: ECONNREFUSED, ECONNRESET, an unexpected end, a timeout.
  return wasSent ? 'lost' : 'unsent';
}

/** See https://www.postgresql.org/docs/current/errcodes-appendix.html for the classes. */
function bySqlState(code: string): SqlFailure {
  if (undone.has(code)) return 'undone';
  // Connection exception; operator intervention (shutdown, crash, starting up); system error.
  if (['08', '57', '58'].includes(code.slice(0, 2))) return 'lost';
  // Insufficient resources (disk full, too many connections), authentication, unknown database: refused before or while it ran.
  if (['53', '28', '3D'].includes(code.slice(0, 2))) return 'undone';
  return 'wrong';
}

const undone = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout
  '25006', // read_only_sql_transaction: a standby, after a switch-over
  '57P03', // cannot_connect_now: starting up or shutting down
]);
