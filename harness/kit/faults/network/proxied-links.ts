import { chosenDriver, type Driver } from '../../cluster/driver.ts';
import type { Links } from '../../cluster/start-cluster.ts';
import type { ManagedGateway } from '../../cluster/target.ts';
import { NotChecked } from '../../testing/case-context.ts';
import { ToolMissing } from '../../tools/tool-missing.ts';
import { ToxiproxyContainer } from '../../tools/toxiproxy/container.ts';
import { type Toxiproxies, ToxiproxyServer } from '../../tools/toxiproxy/server.ts';
import type { Link } from './link.ts';

/** Links by the names that a plan uses. */
export interface NamedLinks {
  /** One, or the two of a gateway's interfaces. Throws where there is none of that name. */
  named(name: string): readonly Link[];
}

/**
 * Puts a Toxiproxy between parts: `startCluster({ links: proxied.links })` leads every connection to a node, to PostgreSQL and
 * from a node to a gateway through it, `proxied.toClients(gateway)` those of clients, and
 * `proxied.before('client -> gateway', gateway.address)` any other.
 */
export class ProxiedLinks implements NamedLinks, AsyncDisposable {
  /** By the order of the nodes. */
  readonly nodes: Link[] = [];
  readonly links: Links;
  #postgres: Link | undefined;
  readonly #server: Toxiproxies;
  readonly #all: Link[] = [];

  /** Throws NotChecked where no Toxiproxy can be had. */
  static async start(logFile: string, { kind }: Pick<Driver, 'kind'> = chosenDriver()): Promise<ProxiedLinks> {
    try {
      return new ProxiedLinks(
        await (kind === 'containers' ? ToxiproxyContainer.start(logFile) : ToxiproxyServer.start(logFile)),
      );
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
      toPostgres: async (address) => {
        this.#postgres = await this.before('gateway -> postgres', address);
        return this.#postgres.address;
      },
      toGateway: async (address, gateway, node) => (await this.before(`${node} -> ${gateway}`, address)).address,
    };
  }

  get postgres(): Link {
    if (this.#postgres === undefined) throw new Error('no cluster was started over these links');
    return this.#postgres;
  }

  named(name: string): readonly Link[] {
    const links = this.#all.filter((link) => link.name === name);
    if (links.length > 0) return links;
    const names = [...new Set(this.#all.map((link) => link.name))].sort();
    throw new Error(`there is no link '${name}', but: ${names.join(', ')}`);
  }

  /** What clients dial in place of the gateway. Both links are `client -> gateway-1`. */
  async toClients({ name, rest, s3 }: ManagedGateway): Promise<{ rest: URL; s3: URL }> {
    const dial = async (url: URL) => {
      // With the key that the URL may hold.
      const dialled = new URL(url);
      dialled.host = (await this.before(`client -> ${name}`, url.host)).address;
      return dialled;
    };
    return { rest: await dial(rest), s3: await dial(s3) };
  }

  /** A link of that name to `address`. */
  async before(name: string, address: string): Promise<Link> {
    const { address: dialled, ...ends } = await this.#server.newLink(address);
    const body = { name: `${name.replaceAll(' ', '')}@${dialled}`, ...ends, enabled: true };
    const link = { name, address: dialled, proxy: await this.#server.client.createProxy(body) };
    this.#all.push(link);
    return link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
