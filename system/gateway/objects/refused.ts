import type { Refusal } from './object-ports.ts';

/** A write, or a look, that the state of the bucket or the key does not allow. Nothing was changed. */
export class Refused extends Error {
  override name = 'Refused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`refused: ${refusal}`);
    this.refusal = refusal;
  }
}
