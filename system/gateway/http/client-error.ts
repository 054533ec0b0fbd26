import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorBody } from './errors.ts';

/** What Node's parser or its timers complain of, by their code; everything else is 400. */
const statusOf: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const sentenceOf: Readonly<Record<number, string>> = {
  400: 'the request is not HTTP/1.1, or its body is not as long as its head says',
  408: 'the head of the request did not arrive in time',
  431: 'the head of the request is too long',
};

/**
 * Answers bytes that are no request, in the form of every other error, and closes the connection. There is no
 * request to answer, so the answer is written to the socket itself; never into an answer that has begun.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerBegun(socket)) return void socket.destroy();
  const status = statusOf[error.code ?? ''] ?? 400;
  const body: ErrorBody = { error: sentenceOf[status] ?? '', code: 'InvalidRequest', request_id: requestId };
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${text}`);
  socket.destroySoon();
}

/** Node keeps the answer under way in a field that its own handler of client errors looks at too. */
function hasAnswerBegun(socket: Socket): boolean {
  return (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true;
}
