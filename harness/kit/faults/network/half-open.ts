import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';
import { together } from '../together.ts';
import { cutConnections, type Link, toxicFault } from './link.ts';

const neverMs = 3_600_000;

/**
 * The peer is killed and started again, and whoever had a connection to it is not told: it seems to stand, and nobody is
 * there. New connections reach the new peer. This is what a machine leaves that lost its power.
 */
export function halfOpen(links: readonly Link[], peer: ManagedProcess): Fault {
  const toxic = { type: 'slow_close', attributes: { delay: neverMs } } as const;
  const untold = together(links.map((link) => toxicFault(link, toxic, ['downstream'], 'tells no end')));
  return {
    start: async () => {
      await untold.start();
      await peer.kill('SIGKILL');
      await peer.start();
    },
    stop: async () => {
      await untold.stop();
      for (const link of links) await cutConnections(link);
      if (!peer.isRunning) await peer.start();
    },
    describe: () => `${peer.name} is killed and started, and ${links[0]?.name} does not tell it: it is half open`,
  };
}
