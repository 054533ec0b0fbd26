/** When a client says that it signed. */
export interface RequestTime {
  readonly atMs: number;
  /** Such as 20130524T000000Z: the form that is signed, whatever form was sent. */
  readonly timestamp: string;
}

const basicIso = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]0000)$/;

/** Reads 20130524T000000Z; undefined for anything else and for times that do not exist. */
export function parseTimestamp(text: string): RequestTime | undefined {
  const match = basicIso.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const atMs = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  // Date.UTC makes 1 March of 30 February.
  return timestampOf(atMs) === text ? { atMs, timestamp: text } : undefined;
}

/** Reads what may stand in x-amz-date and Date: a timestamp, or a date of HTTP (RFC 9110 section 5.6.7). */
export function parseRequestTime(text: string): RequestTime | undefined {
  if (!httpDate.test(text)) return parseTimestamp(text);
  const atMs = Date.parse(text);
  // Nobody signed before 1970: S3 calls such a date invalid, not skewed.
  return atMs >= 0 ? { atMs, timestamp: timestampOf(atMs) } : undefined;
}

/** Such as 2013-05-24T00:00:00Z, as S3 writes times in its errors. */
export function isoSeconds(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

function timestampOf(atMs: number): string {
  return isoSeconds(atMs).replace(/[-:]/g, '');
}
