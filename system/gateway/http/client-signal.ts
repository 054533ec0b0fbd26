import type { FastifyReply } from 'fastify';
import { StoreError } from '../objects/errors.ts';

/** Aborts with ClientGone when the connection closes before the answer is finished. */
export function clientSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new StoreError('ClientGone', 'the client closed the connection'));
  });
  if (reply.raw.destroyed) controller.abort(new StoreError('ClientGone', 'the client closed the connection'));
  return controller.signal;
}
