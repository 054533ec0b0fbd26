import type { Fault } from '../fault.ts';
import type { Link } from './link.ts';

/** What stands is cut, and every new connection is refused. */
export function refusal(link: Link): Fault {
  const { listen, upstream } = link.proxy;
  return {
    start: async () => void (await link.proxy.update({ enabled: false, listen, upstream })),
    stop: async () => void (await link.proxy.update({ enabled: true, listen, upstream })),
    describe: () => `${link.name} refuses connections`,
  };
}
