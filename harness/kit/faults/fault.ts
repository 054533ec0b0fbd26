/** Something that is broken on purpose. A schedule starts it, stops it, and tells it in its failure message. */
export interface Fault {
  /** Resolves once it has taken effect. */
  start(): Promise<void>;
  /** Ends it. What cannot be taken back, such as a damaged disk, stays as it is. Safe to call without a start. */
  stop(): Promise<void>;
  /** What it does and to what, as a part of a sentence: `flip bit 3 of byte 17 in the header of ...`. */
  describe(): string;
}
