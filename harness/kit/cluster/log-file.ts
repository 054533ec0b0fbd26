import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A line of a service's log, as far as the driver reads it. */
export interface LogLine {
  readonly msg?: unknown;
  readonly server_id?: unknown;
  readonly name?: unknown;
  readonly code?: unknown;
}

const pollMs = 15;
const readBytesMax = 1024 * 1024;

/**
 * Waits until a line of JSON behind `fromBytes` satisfies `isWanted`. Undefined once `isOver` says so: it is
 * asked after each look, so the last lines of a process that has ended are still read.
 */
export async function untilLogLine(
  file: string,
  fromBytes: number,
  isWanted: (line: LogLine) => boolean,
  isOver: () => boolean,
): Promise<LogLine | undefined> {
  await using log = await open(file, 'r');
  let at = fromBytes;
  let rest = '';
  const buffer = Buffer.alloc(readBytesMax);
  for (;;) {
    const wasOver = isOver();
    const { bytesRead } = await log.read(buffer, 0, readBytesMax, at);
    at += bytesRead;
    const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
    rest = lines.pop() ?? '';
    const found = lines.map(parseLogLine).find((line) => line !== undefined && isWanted(line));
    if (found !== undefined) return found;
    if (wasOver && bytesRead === 0) return undefined;
    if (bytesRead === 0) await sleep(pollMs);
  }
}

function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
