import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../common/clock.ts';
import { LINGER_MS } from './request-body.ts';

/** What Node's parser or its timers complain of, by their code; everything else is 400. */
const statusOf: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const sentenceOf: Readonly<Record<number, string>> = {
  400: 'the request is not HTTP/1.1, or its body is not as long as its head says',
  408: 'the head of the request did not arrive in time',
  431: 'the head of the request is too long',
};

/** The error document of a protocol, for bytes that are no request. It may know a better status. */
export type RefusalDocument = (
  status: number,
  sentence: string,
) => { readonly status?: number; readonly headers: readonly string[]; readonly text: string };

/** Sockets that were answered and are only drained from here on: the parser complains of every further byte. */
const refused = new WeakSet<Socket>();

/**
 * Answers bytes that are no request, in the form of every other error, and closes the connection. There is no
 * request to answer, so the answer is written to the socket itself; never into an answer that has begun.
 */
export function refuseSocket(
  error: Error & { code?: string },
  socket: Socket,
  clock: Clock,
  document: RefusalDocument,
): void {
  if (refused.has(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerBegun(socket)) return void socket.destroy();
  refused.add(socket);
  const found = statusOf[error.code ?? ''] ?? 400;
  const { status = found, headers, text } = document(found, sentenceOf[found] ?? '');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...headers,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  const timer = clock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
}

/** Node keeps the answer under way in a field that its own handler of client errors looks at too. */
function hasAnswerBegun(socket: Socket): boolean {
  return (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true;
}
