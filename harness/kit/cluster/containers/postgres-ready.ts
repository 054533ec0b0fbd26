import { once } from 'node:events';
import { connect } from 'node:net';

const askDeadlineMs = 2_000;
const protocol3 = 0x0003_0000;
/** The first byte of the server's answer: it asks for a password, and so takes connections. */
const authentication = 'R';

/** Whether a server on this machine lets clients in. While it starts, or through a proxy that nobody is behind, it does not. */
export async function letsClientsIn(port: number, user: string): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const over = new AbortController();
  socket.once('close', () => over.abort());
  try {
    const parameters = Buffer.from(`user\0${user}\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(head.length + parameters.length, 0);
    head.writeInt32BE(protocol3, 4);
    socket.write(Buffer.concat([head, parameters]));
    const [answer] = (await once(socket, 'data', {
      signal: AbortSignal.any([over.signal, AbortSignal.timeout(askDeadlineMs)]),
    })) as [Buffer];
    return answer.toString('latin1', 0, 1) === authentication;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
