import type { ServerResponse } from 'node:http';
import { StoreError } from '../objects/errors.ts';

/** Aborts with ClientGone when the connection closes before the answer is finished. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const gone = () => controller.abort(new StoreError('ClientGone', 'the client closed the connection'));
  response.once('close', () => {
    if (!response.writableFinished) gone();
  });
  if (response.destroyed) gone();
  return controller.signal;
}
