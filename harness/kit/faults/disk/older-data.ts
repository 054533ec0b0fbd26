import { rm } from 'node:fs/promises';
import { copyDataDir } from '../../cluster/copy-data-dir.ts';
import type { ManagedNode } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/**
 * A node comes back with what it had some time ago, as after a restore from a backup. The start takes the backup, for
 * which the node is stopped for a moment; the end puts it in place of what the node has then, and starts the node on it.
 */
export function olderData(node: ManagedNode): Fault {
  const backup = `${node.dataDir}-older`;
  let what = 'will return with older data';
  let isWhole = false;
  return {
    start: async () => {
      await node.stop();
      await copyDataDir(node.dataDir, backup);
      isWhole = true;
      await node.start();
      what = `will return with the data of ${new Date().toISOString()}`;
    },
    stop: async () => {
      // After a start that failed: the half of a backup must not replace what the node has.
      if (isWhole) {
        await node.kill('SIGKILL');
        await copyDataDir(backup, node.dataDir);
      }
      await rm(backup, { recursive: true, force: true });
      if (!node.isRunning) await node.start();
    },
    describe: () => `${node.name} ${what}`,
  };
}
