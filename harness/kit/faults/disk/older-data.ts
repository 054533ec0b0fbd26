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
  return {
    start: async () => {
      await node.stop();
      await copyDataDir(node.dataDir, backup);
      await node.start();
      what = `will return with the data of ${new Date().toISOString()}`;
    },
    stop: async () => {
      await node.kill('SIGKILL');
      await copyDataDir(backup, node.dataDir);
      await rm(backup, { recursive: true });
      await node.start();
    },
    describe: () => `${node.name} ${what}`,
  };
}
