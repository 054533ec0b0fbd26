import type { NetworkPlug } from '../../cluster/launch.ts';
import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';

/** Takes it off the network: it runs on, and reaches nobody. For drivers that can (capability `network`). */
export function unplug(victim: ManagedProcess): Fault {
  let plug: NetworkPlug | null = null;
  return {
    start: async () => {
      plug = victim.network;
      if (plug === null) throw new Error(`${victim.name} cannot be taken off the network`);
      await plug.pull();
    },
    stop: async () => plug?.plug(),
    describe: () => `${victim.name} is off the network`,
  };
}
