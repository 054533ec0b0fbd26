import type { Random } from '../../common/random.ts';
import type { DataDir } from '../chunks/data-dir.ts';
import type { Disk } from '../chunks/disk.ts';
import { keepLine, keptLine } from './small-file.ts';

const FILE_NAME = 'cluster-id';

/**
 * The cluster that the data directory belongs to: the first one that a gateway told, for ever. A node that no gateway
 * knows by its heartbeats has none.
 */
export class ClusterId {
  readonly #keep: (clusterId: string) => Promise<void>;
  #value: string | undefined;
  #learning: Promise<void> = Promise.resolve();

  static async open(disk: Disk, dir: DataDir, random: Random): Promise<ClusterId> {
    const kept = await keptLine(disk, dir, FILE_NAME);
    return new ClusterId(kept, (clusterId) => keepLine(disk, dir, FILE_NAME, clusterId, random));
  }

  private constructor(value: string | undefined, keep: (clusterId: string) => Promise<void>) {
    this.#value = value;
    this.#keep = keep;
  }

  get value(): string | undefined {
    return this.#value;
  }

  /**
   * A gateway told its cluster. Resolves with true when the data belongs to it, from now on at the latest, and that is on
   * the disk; with false when it belongs to another. Throws when the disk fails.
   */
  learn(clusterId: string): Promise<boolean> {
    // One after the other: two gateways may answer at the same moment.
    const learned = this.#learning.then(async () => {
      if (this.#value === undefined) {
        await this.#keep(clusterId);
        this.#value = clusterId;
      }
      return this.#value === clusterId;
    });
    this.#learning = learned.then(
      () => undefined,
      () => undefined,
    );
    return learned;
  }
}
