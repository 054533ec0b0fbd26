import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections (32768 and up on Linux, 49152 and
 * up elsewhere), so that a process which is down for a moment finds its port free when it comes back.
 */
const firstPort = 20_000;
const lastPort = 29_999;
const triesMax = 200;

/**
 * Ports that were given away and may not be bound now, because their service is down or has not begun. The claim is the UDP
 * port of the same number, which nobody here uses: other harnesses of this machine see it, and it ends with this process.
 */
const claims: Socket[] = [];
/** More than any cluster has; older ones are given up, for a process that starts one cluster after another. */
const claimsMax = 500;

/** `count` ports on 127.0.0.1 that nobody listens on now, none of them claimed by any harness. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > triesMax + count)
      throw new Error(`no free port between ${firstPort} and ${lastPort} in ${tries} tries`);
    const port = randomInt(firstPort, lastPort + 1);
    const claimed = await claim(port);
    if (claimed === null) continue;
    if (!(await isPortFree(port))) {
      claimed.close();
      continue;
    }
    keep(claimed);
    ports.push(port);
  }
  return ports;
}

async function claim(port: number): Promise<Socket | null> {
  const socket = createSocket('udp4');
  socket.bind({ port, address: '127.0.0.1', exclusive: true });
  try {
    await once(socket, 'listening');
  } catch {
    socket.close();
    return null;
  }
  return socket;
}

function keep(claimed: Socket): void {
  claims.push(claimed.unref());
  if (claims.length > claimsMax) claims.shift()?.close();
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('freePorts(1) gave none');
  return port;
}

/** Whether a server could listen on the port now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
