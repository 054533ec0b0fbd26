import type { Socket } from 'node:net';
import type { Clock } from '../../common/clock.ts';
import { refuseSocket } from '../wire/refuse-socket.ts';
import type { ErrorBody } from './errors.ts';

/** Answers bytes that are no request in the form of every other error. */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  { requestId, clock }: { readonly requestId: string; readonly clock: Clock },
): void {
  refuseSocket(error, socket, clock, (_status, sentence) => ({
    headers: ['content-type: application/json; charset=utf-8'],
    text: JSON.stringify({ error: sentence, code: 'InvalidRequest', request_id: requestId } satisfies ErrorBody),
  }));
}
