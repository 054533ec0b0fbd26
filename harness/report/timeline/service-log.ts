import type { Micros } from '../../kit/history/events.ts';

/** What the log of one part of the store adds to the picture of a run. */
export interface ServiceLog {
  readonly marks: readonly Mark[];
  readonly spans: readonly Span[];
}

/** Something that a part of the store said or did at one moment. */
export interface Mark {
  readonly at: Micros;
  /** `gateway-1` */
  readonly node: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  /** The store's id of the request that it speaks of, as operations have it. */
  readonly trace: string | null;
}

/** The time that a gateway had a request in hand. An operation in several requests has as many. */
export interface Span {
  readonly node: string;
  /** `PutObject (200)`, `POST /files (201)` */
  readonly text: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly trace: string;
}

/** When a run began, by the clock of the wall and by that of its history, and when it ended. */
export interface RunClock {
  readonly startedAt: string;
  readonly at: Micros;
  readonly end: Micros;
}

/** Of each sort, from one log. */
const shownMax = 20_000;
const textCharactersMax = 300;
const warnLevel = 40;
const errorLevel = 50;

/**
 * Reads a log of JSON lines: requests as spans, and as marks what went wrong and each start and stop. Lines of other kinds, as PostgreSQL
 * and processes that crash write them, are passed over. Of a process
 * whose clock jumped, marks are put after the line before them, and requests are left out.
 */
export function readServiceLog(node: string, text: string, clock: RunClock): ServiceLog {
  const marks: Mark[] = [];
  const spans: Span[] = [];
  const startedMs = Date.parse(clock.startedAt);
  let at = clock.at;
  for (const line of text.split('\n')) {
    const entry = parsed(line);
    if (entry === undefined) continue;
    const told = clock.at + (Date.parse(entry.time) - startedMs) * 1000;
    const isBelieved = told >= clock.at && told <= clock.end;
    if (isBelieved) at = told;
    const { ms, request_id: trace = null } = entry;
    if (ms !== undefined && trace !== null) {
      if (isBelieved) spans.push({ node, text: requestText(entry), from: at - Math.round(ms * 1000), to: at, trace });
    } else if (entry.level >= warnLevel || tellsOfLife.has(entry.msg)) {
      marks.push({ at, node, level: levelOf(entry), text: markText(entry), trace });
    }
  }
  const dropped = marks.splice(shownMax).length + spans.splice(shownMax).length;
  if (dropped > 0)
    marks.push({ at, node, level: 'warn', text: `${dropped} more lines are only in its log`, trace: null });
  return { marks, spans };
}

const tellsOfLife: ReadonlySet<string> = new Set(['ready', 'stopping']);

interface Entry {
  readonly level: number;
  readonly time: string;
  readonly msg: string;
  readonly request_id?: string;
  readonly err?: { readonly message?: string };
  /** Of a request that was answered. */
  readonly ms?: number;
  readonly status?: number;
  /** Of S3. */
  readonly operation?: string;
  /** Of REST. */
  readonly method?: string;
  readonly url?: string;
}

function parsed(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line);
    const isTimed = !Number.isNaN(Date.parse(entry.time));
    return isTimed && typeof entry.level === 'number' && typeof entry.msg === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

function requestText({ operation, method, url, status }: Entry): string {
  return shortened(`${operation ?? `${method} ${url}`} (${status})`);
}

function markText({ msg, err }: Entry): string {
  return shortened(err?.message === undefined ? msg : `${msg}: ${err.message}`);
}

function shortened(text: string): string {
  return text.length <= textCharactersMax ? text : `${text.slice(0, textCharactersMax)}…`;
}

function levelOf({ level }: Entry): Mark['level'] {
  if (level >= errorLevel) return 'error';
  return level >= warnLevel ? 'warn' : 'info';
}
