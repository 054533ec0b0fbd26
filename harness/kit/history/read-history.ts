import { z } from 'zod';
import { historyEvent } from './event-schema.ts';
import type { HistoryEvent } from './events.ts';

export interface HistoryFile {
  readonly events: readonly HistoryEvent[];
  /** The beginning of the last line where a crash tore it, and it was dropped; null for a whole file. */
  readonly torn: string | null;
}

/** A listing of some ten thousand keys fits. */
const lineCharactersMax = 4 * 1024 * 1024;
const excerptCharacters = 80;

/** The file is no history: says which line, and why. Nothing can be judged by it. */
export class MalformedHistory extends Error {
  override name = 'MalformedHistory';
}

/**
 * The events of a history file, in its order. A last line without an end that is no JSON is what a crash left: it is dropped,
 * and loses nothing that was promised, since what it could have told is then unknown (an operation without an end).
 */
export function readHistory(text: string): HistoryFile {
  const events: HistoryEvent[] = [];
  for (let from = 0, line = 1; from < text.length; line++) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    if (to - from > lineCharactersMax)
      fail(line, `it is ${to - from} characters long, at most ${lineCharactersMax} may be`);
    const content = text.slice(from, to);
    const json = parse(content);
    if (json === undefined && end === -1) return { events, torn: content.slice(0, excerptCharacters) };
    if (json === undefined) fail(line, `it is no JSON: ${content.slice(0, excerptCharacters)}`);
    events.push(eventOf(json, line, events.at(-1)));
    from = to + 1;
  }
  return { events, torn: null };
}

function eventOf(json: unknown, line: number, before: HistoryEvent | undefined): HistoryEvent {
  const checked = historyEvent.safeParse(json);
  if (!checked.success) fail(line, z.prettifyError(checked.error).replaceAll('\n', ' '));
  // The object as it stood in the file, and not the schema's copy of the fields that it knows.
  const event = json as HistoryEvent;
  if (before === undefined && event.type !== 'run')
    fail(line, `a history begins with type "run", and not "${event.type}"`);
  if (before !== undefined && event.at < before.at)
    fail(line, `its time, ${event.at}, is before ${before.at} above it`);
  return event;
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function fail(line: number, why: string): never {
  throw new MalformedHistory(`line ${line} of the history: ${why}`);
}
