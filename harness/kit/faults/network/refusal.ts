import type { Fault } from '../fault.ts';
import { type Link, refuseConnections } from './link.ts';

/** What stands is cut, and every new connection is refused. */
export function refusal(link: Link): Fault {
  return {
    start: () => refuseConnections(link, true),
    stop: () => refuseConnections(link, false),
    describe: () => `${link.name} refuses connections`,
  };
}
