import { existsSync } from 'node:fs';
import { request } from 'node:http';

/** Where the engine of this machine listens when nobody says otherwise. */
const usualSocket = '/var/run/docker.sock';
const askDeadlineMs = 5_000;

/** An engine that answers. */
export interface Engine {
  /** As DOCKER_HOST names it. */
  readonly host: string;
  readonly version: string;
}

/** The engine that DOCKER_HOST names, or that of this machine; null when none answers. */
export async function findEngine(): Promise<Engine | null> {
  const host = process.env['DOCKER_HOST'] ?? (existsSync(usualSocket) ? `unix://${usualSocket}` : undefined);
  if (host === undefined) return null;
  const version = await versionOf(host).catch(() => null);
  return version === null ? null : { host, version };
}

async function versionOf(host: string): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const where = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port };
  const asked = request({ ...where, path: '/version', signal: AbortSignal.timeout(askDeadlineMs) }, async (answer) => {
    const pieces: Buffer[] = await answer.toArray().catch(() => []);
    resolve(Buffer.concat(pieces).toString());
  });
  asked.once('error', reject);
  asked.end();
  return JSON.parse(await promise).Version ?? null;
}
