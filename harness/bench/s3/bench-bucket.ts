import { randomBytes } from 'node:crypto';
import type { S3HttpAnswer, S3HttpClient, S3Request } from '../../kit/clients/s3/s3-http-client.ts';

const deletesAtOnce = 8;

/** A new bucket. Disposing it removes it with all that is left in it, so that nothing stays at an endpoint of somebody else. */
export class BenchBucket implements AsyncDisposable {
  readonly name: string;
  readonly #client: S3HttpClient;

  static async create(client: S3HttpClient): Promise<BenchBucket> {
    const bucket = new BenchBucket(client, `bench-${randomBytes(6).toString('hex')}`);
    await bucket.send({ method: 'PUT' }, 200);
    return bucket;
  }

  private constructor(client: S3HttpClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** Throws when another status than the wanted one comes. */
  async send(request: Omit<S3Request, 'bucket'>, status: number): Promise<S3HttpAnswer> {
    const answer = await this.#client.send({ ...request, bucket: this.name });
    if (answer.status === status) return answer;
    const what = `${request.method} ${request.key ?? 'of the bucket'}`;
    throw new Error(`${what} was answered by ${answer.status}: ${answer.body.toString().slice(0, 1000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let keys = await this.#someKeys(); keys.length > 0; keys = await this.#someKeys()) {
      for (let at = 0; at < keys.length; at += deletesAtOnce) {
        await Promise.all(keys.slice(at, at + deletesAtOnce).map((key) => this.send({ method: 'DELETE', key }, 204)));
      }
    }
    await this.send({ method: 'DELETE' }, 204);
  }

  /** The bench names its objects so that a listing needs no decoding. */
  async #someKeys(): Promise<string[]> {
    const { body } = await this.send({ method: 'GET', query: 'list-type=2' }, 200);
    return [...body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key as string);
  }
}
