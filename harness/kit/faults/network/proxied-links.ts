import { chosenDriver } from '../../cluster/driver.ts';
import type { Links } from '../../cluster/start-cluster.ts';
import { NotChecked } from '../../testing/case-context.ts';
import { ToolMissing } from '../../tools/tool-missing.ts';
import { ToxiproxyContainer } from '../../tools/toxiproxy/container.ts';
import { type Toxiproxies, ToxiproxyServer } from '../../tools/toxiproxy/server.ts';
import type { Link } from './link.ts';

/**
 * Puts a Toxiproxy between parts: `startCluster({ links: proxied.links })` leads every connection to a node and to
 * PostgreSQL through it, `proxied.before('client -> gateway', gateway.address)` any other.
 */
export class ProxiedLinks implements AsyncDisposable {
  /** By the order of the nodes. */
  readonly nodes: Link[] = [];
  /** By which the nodes reach the gateways, by the order of those. */
  readonly gateways: Link[] = [];
  readonly links: Links;
  #postgres: Link | undefined;
  readonly #server: Toxiproxies;

  /** Throws NotChecked where no Toxiproxy can be had. */
  static async start(logFile: string): Promise<ProxiedLinks> {
    try {
      const isInContainer = chosenDriver().kind === 'containers';
      return new ProxiedLinks(await (isInContainer ? ToxiproxyContainer.start() : ToxiproxyServer.start(logFile)));
    } catch (error) {
      if (error instanceof ToolMissing) throw new NotChecked(error.message);
      throw error;
    }
  }

  private constructor(server: Toxiproxies) {
    this.#server = server;
    this.links = {
      toNode: async (address, index) => {
        const link = await this.before(`gateway -> node-${index + 1}`, address);
        this.nodes[index] = link;
        return link.address;
      },
      toGateway: async (address, index) => {
        const link = await this.before(`nodes -> gateway-${index + 1}`, address);
        this.gateways[index] = link;
        return link.address;
      },
      toPostgres: async (address) => {
        this.#postgres = await this.before('gateway -> postgres', address);
        return this.#postgres.address;
      },
    };
  }

  get postgres(): Link {
    if (this.#postgres === undefined) throw new Error('no cluster was started over these links');
    return this.#postgres;
  }

  /** A link of that name to `address`. */
  async before(name: string, address: string): Promise<Link> {
    const { address: dialled, ...ends } = await this.#server.newLink(address);
    const body = { name: name.replaceAll(' ', ''), ...ends, enabled: true };
    return { name, address: dialled, proxy: await this.#server.client.createProxy(body) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
