import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Toxiproxy } from 'toxiproxy-node-client';
import { forgetChild, rememberChild } from '../../cluster/exit-guard.ts';
import { freePort } from '../../cluster/ports.ts';
import { until } from '../../testing/until.ts';
import { toxiproxyBinary } from './binary.ts';

const readyWithinMs = 10_000;

/** A Toxiproxy, wherever it runs. */
export interface Toxiproxies extends AsyncDisposable {
  readonly client: Toxiproxy;
  /** Where a new proxy before `upstream` is to listen, what it dials, and what those dial who use it. */
  newLink(upstream: string): Promise<{ listen: string; upstream: string; address: string }>;
}

/** A Toxiproxy of one's own. It ends with its scope, and at the latest with this process. */
export class ToxiproxyServer implements Toxiproxies {
  readonly client: Toxiproxy;
  readonly #child: ChildProcess;

  /** Throws ToolMissing. */
  static async start(logFile: string, withinMs = readyWithinMs): Promise<ToxiproxyServer> {
    const binary = await toxiproxyBinary();
    const port = await freePort();
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a', 0o600);
    const options = { stdio: ['ignore', log, log] as const, detached: true };
    const child = spawn(binary, ['-host', '127.0.0.1', '-port', String(port)], {
      ...options,
      stdio: [...options.stdio],
    });
    closeSync(log);
    await once(child, 'spawn');
    const server = new ToxiproxyServer(child, new Toxiproxy(`http://127.0.0.1:${port}`));
    try {
      await until({ what: 'Toxiproxy to answer', withinMs }, () => server.client.getVersion());
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  private constructor(child: ChildProcess, client: Toxiproxy) {
    this.#child = child;
    this.client = client;
    const { pid } = child;
    if (pid === undefined) return;
    rememberChild(pid, 'toxiproxy');
    child.once('exit', () => forgetChild(pid));
  }

  async newLink(upstream: string): Promise<{ listen: string; upstream: string; address: string }> {
    const address = `127.0.0.1:${await freePort()}`;
    return { listen: address, upstream, address };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
