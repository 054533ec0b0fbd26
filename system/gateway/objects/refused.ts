import type { Refusal } from './object-ports.ts';

/** A write, or a look, that the state of the bucket or the key does not allow. Nothing was changed. */
export class Refused extends Error {
  override name = 'Refused';
  readonly refusal: Refusal;
  /** Of the bucket that there is not, where it may be another than that of the request: a copy has two. */
  readonly bucketName: string | undefined;

  constructor(refusal: Refusal, bucketName?: string) {
    super(`refused: ${refusal}`);
    this.refusal = refusal;
    this.bucketName = bucketName;
  }
}
