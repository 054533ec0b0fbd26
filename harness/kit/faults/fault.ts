/** Something that goes wrong from `start` until `stop`. Both may be called once; what lasts no time has an empty `stop`. */
export interface Fault {
  start(): Promise<void>;
  /** Mends it: afterwards the system must recover by itself. */
  stop(): Promise<void>;
  /** What breaks, as the subject of a sentence: `node-2 is killed`. */
  describe(): string;
}

/** Runs `work` while the fault lasts. It is mended whatever comes of it. */
export async function during<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
  await fault.start();
  try {
    return await work();
  } finally {
    await fault.stop();
  }
}
