import { type FileHandle, open, stat } from 'node:fs/promises';

const pollMs = 250;
const pieceBytes = 256 * 1024;

/** Says every new line of these logs, the name of its process in front, for as long as this process lives. */
export function followLogs(logs: ReadonlyMap<string, string>, say: (line: string) => void): void {
  for (const [name, file] of logs) void followLog(file, (line) => say(`${name}: ${line}`));
}

async function followLog(file: string, say: (line: string) => void): Promise<void> {
  let { size: at } = await stat(file);
  await using log = await open(file, 'r');
  const buffer = Buffer.alloc(pieceBytes);
  let rest = '';
  for (;;) {
    const read = await readAt(log, buffer, at);
    at += read;
    const lines = (rest + buffer.toString('utf8', 0, read)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) say(line);
    if (read === 0) await new Promise((resolve) => setTimeout(resolve, pollMs).unref());
  }
}

async function readAt(log: FileHandle, buffer: Buffer, at: number): Promise<number> {
  const { bytesRead } = await log.read(buffer, 0, buffer.length, at);
  return bytesRead;
}
