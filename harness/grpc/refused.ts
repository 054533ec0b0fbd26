import assert from 'node:assert/strict';
import { failedWith, grpcStatus } from '../kit/clients/node-client.ts';

type Code = keyof typeof grpcStatus;

/** The call must fail with this status. Gives back what the node said about it. */
export async function refusedWith(code: Code, call: Promise<unknown>, what = 'the call'): Promise<string> {
  const error = await call.then(
    () => assert.fail(`${what} succeeded and must be refused with ${code}`),
    (reason: unknown) => reason,
  );
  const found = error instanceof Error && 'code' in error ? grpcStatus[Number(error.code)] : undefined;
  assert.ok(failedWith(error, grpcStatus[code]), `${what} must be refused with ${code}, not ${found ?? error}`);
  return error.details;
}

/** Reads a stream to its end and forgets it. */
export async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
