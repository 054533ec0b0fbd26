import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from './log-file.ts';
import { type ManagedGateway, StartFailed } from './target.ts';

const pollMs = 50;
const requestDeadlineMs = 2_000;

/** Waits until the gateway's /health/ready answers 200: migrations done, database there, enough nodes active. */
export async function untilReady(gateway: ManagedGateway, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  let last = 'no answer yet';
  while (performance.now() < until) {
    const answer = await ask(new URL('/health/ready', gateway.rest));
    if (answer.status === 200) return;
    last = answer.text;
    if (!gateway.isRunning) break;
    await sleep(pollMs);
  }
  const log = lastLines(await readFile(gateway.logFile, 'utf8').catch(() => ''), 12);
  throw new StartFailed(
    `${gateway.name} runs but was not ready within ${withinMs / 1000} s; /health/ready said: ${last}\nThe end of its log, ${gateway.logFile}:\n${log}`,
  );
}

function ask(url: URL): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(requestDeadlineMs) }, async (response) => {
      const pieces: Buffer[] = await response.toArray().catch(() => []);
      resolve({ status: response.statusCode ?? 0, text: `${response.statusCode} ${Buffer.concat(pieces)}` });
    });
    request.on('error', (error) => resolve({ status: 0, text: error.message }));
  });
}
