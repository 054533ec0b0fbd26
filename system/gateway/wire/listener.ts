import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { noteExpectation } from './request-body.ts';

/** What both listeners ask of Node's server. Bodies have an idle limit of their own. */
export const listenerTimeouts = {
  requestTimeout: 0,
  /** A client gets this long for the head of its request. */
  headersTimeout: 20_000,
  /** How often Node looks for heads that are late. Its default would let them be half a minute later. */
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
} as const;

/**
 * Node would answer `100 Continue` by itself before anybody has looked at the headers; and any other expectation by 417 without a
 * document, although nobody waits for us then: such a request is served as AWS does, as if it expected nothing.
 */
export function leaveExpectations(
  server: Server,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    noteExpectation(request);
    serve(request, response);
  });
  server.on('checkExpectation', serve);
}

/** Where it listens, such as http://127.0.0.1:9000, also when the port was left to the system. */
export function urlOf(server: Server, asked: { readonly host: string; readonly port: number }): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : asked.port;
  const host = asked.host.includes(':') ? `[${asked.host}]` : asked.host;
  return `http://${host}:${port}`;
}
