import type { HistoryEvent } from './events.ts';

/** One line of a history, with its end: JSON has no raw line feed inside. */
export function encodeEvent(event: HistoryEvent): string {
  return `${JSON.stringify(event)}\n`;
}
