import { Toxiproxy } from 'toxiproxy-node-client';
import { inner } from '../../cluster/containers/inner-address.ts';
import { runContainer } from '../../cluster/containers/run-container.ts';
import { forgetChild, rememberChild } from '../../cluster/exit-guard.ts';
import type { Launch } from '../../cluster/launch.ts';
import { freePorts } from '../../cluster/ports.ts';
import { until } from '../../testing/until.ts';
import { imageNames } from '../containers/image-names.ts';
import type { Toxiproxies } from './server.ts';

const readyWithinMs = 10_000;
/** A container's ports are fixed when it starts: more than the parts of any cluster of the suites. */
const linksMax = 64;

/** A Toxiproxy of one's own on the network of the containers. */
export class ToxiproxyContainer implements Toxiproxies {
  readonly client: Toxiproxy;
  readonly #launch: Launch;
  readonly #ports: number[];

  static async start(logFile: string): Promise<ToxiproxyContainer> {
    const [apiPort, ...ports] = (await freePorts(1 + linksMax)) as [number, ...number[]];
    const launch = await runContainer({
      name: 'toxiproxy',
      image: imageNames.toxiproxy,
      environment: {},
      command: ['-host=0.0.0.0', `-port=${apiPort}`],
      ports: [apiPort, ...ports],
      folders: {},
      logFile,
      hasNoShell: true,
    });
    const server = new ToxiproxyContainer(launch, new Toxiproxy(`http://127.0.0.1:${apiPort}`), ports);
    try {
      await until({ what: 'Toxiproxy to answer', withinMs: readyWithinMs }, () => server.client.getVersion());
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  private constructor(launch: Launch, client: Toxiproxy, ports: number[]) {
    this.#launch = launch;
    this.client = client;
    this.#ports = ports;
    const { pid } = launch;
    if (pid === null) return;
    rememberChild(pid, 'toxiproxy');
    void launch.exited.then(() => forgetChild(pid));
  }

  async newLink(upstream: string): Promise<{ listen: string; upstream: string; address: string }> {
    const port = this.#ports.pop();
    if (port === undefined) throw new Error(`more than ${linksMax} links through one Toxiproxy`);
    return { listen: `0.0.0.0:${port}`, upstream: inner(upstream), address: `127.0.0.1:${port}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#launch.kill('SIGKILL');
    await this.#launch.exited;
  }
}
