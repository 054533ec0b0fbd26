import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { breakOff } from '../kit/clients/break-off.ts';

/**
 * Stands between a client and a node, to break the connection in the ways that a network does. It passes bytes on as
 * they come until it is told otherwise.
 */
export class Relay implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** `to` is host:port of the node. */
  static async before(to: string): Promise<Relay> {
    const server = createServer();
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new Relay(server, to);
  }

  private constructor(server: Server, to: string) {
    const [host = '', port] = to.split(':');
    this.#server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (client) => {
      const node = new Socket();
      for (const socket of [client, node]) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        // The other end may break off too; that is not the relay's failure.
        socket.on('error', () => {});
      }
      node.connect(Number(port), host);
      client.pipe(node).pipe(client);
    });
  }

  /** Both ends see their connection reset (RST), as when a process is killed or a firewall loses its table. */
  reset(): void {
    for (const socket of this.#sockets) breakOff(socket);
  }

  /** Nothing passes any more, and neither end is told: as when a cable is pulled. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
