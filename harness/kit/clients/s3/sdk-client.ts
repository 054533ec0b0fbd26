import { S3 } from '@aws-sdk/client-s3';
import type { S3Credentials } from '../../cluster/target.ts';

/** An answer came only after the SDK had sent the request again: something failed that a user would not have noticed. */
export class NeededRetry extends Error {
  override name = 'NeededRetry';
}

/**
 * The AWS SDK as its users have it, with nothing set but where the store is. It sends again what fails with a 5xx; that would
 * hide errors from a suite, so an answer that took more than one attempt throws NeededRetry.
 */
export function sdkClient(endpoint: URL, { accessKey, secretKey }: S3Credentials): S3 {
  const client = new S3({
    endpoint: endpoint.origin,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args).catch((error) => {
          mustBeFirst(commandName, error.$metadata?.attempts, error);
          throw error;
        });
        mustBeFirst(commandName, (result.output as { $metadata?: { attempts?: number } }).$metadata?.attempts);
        return result;
      },
    { step: 'initialize', priority: 'high', name: 'mustBeFirst' },
  );
  return client;
}

function mustBeFirst(command: string | undefined, attempts: number | undefined, cause?: unknown): void {
  if (attempts !== undefined && attempts > 1) {
    throw new NeededRetry(`${command} was answered at the ${attempts}. attempt only`, { cause });
  }
}
