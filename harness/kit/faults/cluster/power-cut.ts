import { join } from 'node:path';
import type { Cluster, Settings } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';
import { preloadSettings } from '../lever.ts';
import { journalVariable } from '../preload/journal.ts';
import { loseUnflushed } from './unflushed.ts';

/** What a node must be started with, so that a power cut can take what it has not flushed; nothing for other parts. */
export function powerCutSettings(controlDir: string, name: string): Settings {
  if (!name.startsWith('node-')) return {};
  return { ...preloadSettings(), [journalVariable]: journalOf(controlDir, name) };
}

/**
 * Every process of the store ends at once, PostgreSQL too, and what the nodes had not flushed is lost; at the end they start
 * again, in order. Of a node without a journal, as in containers, and of PostgreSQL, the page cache stays as it is: only the crash is seen.
 */
export function powerCut(cluster: Cluster, controlDir: string): Fault {
  let lost = '';
  return {
    start: async () => {
      await cluster.killAll();
      const counts = await Promise.all(cluster.nodes.map(({ name }) => loseUnflushed(journalOf(controlDir, name))));
      const known = counts.filter((count) => count !== null);
      const files = known.reduce((sum, count) => sum + count, 0);
      lost = `; of ${known.length} nodes ${files} files that were not flushed are lost`;
    },
    stop: () => cluster.startAll(),
    describe: () => `the power is cut: every process is killed${lost}`,
  };
}

export function journalOf(controlDir: string, name: string): string {
  return join(controlDir, `${name}.journal`);
}
