import type { Socket } from 'node:net';

/**
 * Ends a connection by a reset (RST). One whose own side has ended is just closed: while it is being shut down libuv refuses to
 * reset it, and Node 24 would then never close it, nor ever exit.
 */
export function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
