import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { S3HttpAnswer, S3HttpClient, S3Request } from '../../kit/clients/s3/s3-http-client.ts';
import { uninstrumented } from '../../kit/cluster/services.ts';
import type { Cluster } from '../../kit/cluster/target.ts';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { ownCluster } from '../../kit/testing/fixtures.ts';
import { bucketName, plainS3Of } from '../../kit/testing/s3-fixtures.ts';

/** A store of the case's own that flushes everything, as one in service does: what is measured here are times and memory. */
export function measuredCluster(ctx: CaseContext): Promise<Cluster> {
  return ownCluster(ctx, { settings: uninstrumented, ephemeral: false });
}

/** A bucket in the case's own store, which goes with the store; spoken to without the SDK, whose parsing would be measured too. */
export class ScaleBucket {
  readonly name: string;
  readonly #client: S3HttpClient;

  static async create(ctx: CaseContext, cluster: Cluster): Promise<ScaleBucket> {
    const bucket = new ScaleBucket(plainS3Of(ctx, cluster), bucketName(ctx));
    await bucket.send({ method: 'PUT' });
    return bucket;
  }

  private constructor(client: S3HttpClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** The whole answer, which must be a success. */
  async send(request: Omit<S3Request, 'bucket'>): Promise<S3HttpAnswer> {
    const answer = await this.#client.send({ ...request, bucket: this.name });
    const { method, key = '', query = '' } = request;
    const isSuccess = answer.status >= 200 && answer.status < 300;
    assert.ok(isSuccess, `${method} ${key}?${query} was answered by ${answer.status}: ${answer.body}`);
    return answer;
  }

  async open(request: Omit<S3Request, 'bucket'>): Promise<IncomingMessage> {
    const answer = await this.#client.open({ ...request, bucket: this.name });
    assert.ok(answer.statusCode === 200 || answer.statusCode === 206, `${request.key}: ${answer.statusCode}`);
    return answer;
  }
}

/** What stands in the elements of this name. The suite's keys and tokens need no decoding. */
export function valuesOf({ body }: Pick<S3HttpAnswer, 'body'>, element: string): string[] {
  return [...body.toString().matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(
    ([, value = '']) => value,
  );
}

export function oneValueOf(answer: Pick<S3HttpAnswer, 'body'>, element: string): string {
  const [value] = valuesOf(answer, element);
  assert.ok(value !== undefined, `there is no ${element} in ${answer.body}`);
  return value;
}
