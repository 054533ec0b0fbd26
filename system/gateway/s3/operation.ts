import type { Clock } from '../../common/clock.ts';
import type { Random } from '../../common/random.ts';
import type { Account } from '../objects/account-ports.ts';
import type { ObjectMetadata } from '../objects/object-ports.ts';
import type { ObjectsDeps } from '../objects/objects.ts';
import type { S3Body } from './payload/s3-body.ts';

/** One operation of the S3 API: a file of its own under s3/, named after it. Throws S3Error and StoreError. */
export type Operation = (deps: S3Deps, call: S3Call) => Promise<S3Answer>;

export interface S3Deps {
  readonly metadata: ObjectMetadata;
  readonly objects: ObjectsDeps;
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
}

/** An authenticated request, taken apart. */
export interface S3Call {
  readonly requestId: string;
  /** Who asks. */
  readonly account: Account;
  /** Empty where the operation has none, as for the key. Decoded, and checked to be such. */
  readonly bucketName: string;
  readonly key: string;
  /** Decoded; of a name that came twice, the first value. A name without `=` has the empty value. */
  readonly query: ReadonlyMap<string, string>;
  /**
   * By names in lower case, with those that a presigned URL has in its query. Values are UTF-8 where they are; of a name that came
   * twice, joined by commas.
   */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: S3Body;
  /** Aborts with ClientGone. */
  readonly signal: AbortSignal;
}

export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A document is sent with Content-Type application/xml. Bytes need a Content-Length among the headers. */
  readonly body?: { readonly xml: string } | { readonly bytes: S3Bytes };
}

/** Bytes whose first are there already, as OpenFile; disposed after they were sent, or not. */
export interface S3Bytes extends Disposable {
  bytes(): AsyncIterable<Buffer>;
}
