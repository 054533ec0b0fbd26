import type { ServerResponse } from 'node:http';

/** Ends a connection in the middle of an answer: the memory of what was written into it may be used again. */
export function cutOff(response: ServerResponse): void {
  response.destroy();
  // An answer that waits behind another one has no connection yet, and Node would send what is in it when its turn comes.
  response.req.socket.destroy();
}
