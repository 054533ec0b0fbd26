import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../common/clock.ts';
import { StoreError } from '../objects/errors.ts';

/**
 * The bytes of a request, pulled piece by piece, so that a slow store holds back the client and not memory.
 * Throws StoreError ClientGone when the client leaves before its end, and ClientTooSlow when it sends nothing
 * for `idleTimeoutMs` while it is waited for. The request stays open when the reader stops early, so that the client can
 * still be answered.
 */
export async function* requestBody(
  request: IncomingMessage,
  clock: Clock,
  idleTimeoutMs: number,
): AsyncGenerator<Buffer, void, undefined> {
  const pieces = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const piece = await nextPiece(pieces, clock, idleTimeoutMs);
    if (piece === undefined) return;
    yield piece;
  }
}

/** Requests whose clients wait for `100 Continue` before they send the body (RFC 9110 section 10.1.1). */
const awaitingContinue = new WeakSet<IncomingMessage>();

export function noteExpectation(request: IncomingMessage): void {
  awaitingContinue.add(request);
}

/** Lets a client that waits send its body. To be called when everything that can be refused has been. */
export function continueBody(request: IncomingMessage, response: ServerResponse): void {
  if (awaitingContinue.delete(request)) response.writeContinue();
}

/** How long a client that is still sending may go on after it was refused: some read no answer before they have sent all. */
export const LINGER_MS = 30_000;

/**
 * Call before answering a request whose body may not have been read. What still comes is read and thrown away for
 * LINGER_MS, since closing at once would reset the connection and lose the answer (RFC 9112 section 9.6). A client
 * that still waits for `100 Continue` has sent nothing: its connection is closed behind the answer.
 */
export function lingerAfterAnswer(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  if (request.complete) return;
  if (awaitingContinue.has(request)) return void response.setHeader('connection', 'close');
  const isLast = !response.shouldKeepAlive;
  if (isLast) {
    // Node closes right behind an answer that says so. This one says nothing of it, and the connection is closed behind the body.
    response.removeHeader('connection');
    response.shouldKeepAlive = true;
  }
  response.once('finish', () => {
    request.on('error', () => undefined); // It ends as it ends; the answer is out.
    // An iterator that was left early still listens, and what it does not take would stay in the connection. Without a listener for
    // data, Node would stop the flow again a tick after that one was removed, and the end would never be seen.
    request.removeAllListeners('readable').on('data', () => undefined);
    const { socket } = request;
    const timer = clock.after(LINGER_MS, () => {
      if (!request.complete) socket.destroy();
    });
    // Node forgets a request that was answered: it does not close when its connection breaks.
    const over = () => {
      timer.cancel();
      request.off('close', over);
      socket.off('close', over);
      if (isLast) socket.end();
    };
    request.once('close', over);
    socket.once('close', over);
  });
}

async function nextPiece(
  pieces: AsyncIterator<Buffer>,
  clock: Clock,
  idleTimeoutMs: number,
): Promise<Buffer | undefined> {
  let stop: (() => void) | undefined;
  try {
    const next = await Promise.race([
      pieces.next(),
      new Promise<never>((_, reject) => {
        const timer = clock.after(idleTimeoutMs, () =>
          reject(new StoreError('ClientTooSlow', `no byte of the body arrived within ${idleTimeoutMs} ms`)),
        );
        stop = () => timer.cancel();
      }),
    ]);
    return next.done ? undefined : next.value;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError('ClientGone', 'the connection ended before the body did', error);
  } finally {
    stop?.();
  }
}
