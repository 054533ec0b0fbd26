import type { Fault } from '../fault.ts';
import { cutConnections, type Direction, type Link, toxicFault } from './link.ts';

/** What is sent never arrives and nobody is told, in both directions: a pulled cable, a half-open connection. */
export function blackhole(link: Link): Fault {
  return silence(link, ['upstream', 'downstream'], 'swallows everything');
}

/** The same in one direction only: requests arrive and answers do not, or the other way round. */
export function oneWayPartition(link: Link, direction: Direction): Fault {
  return silence(link, [direction], `swallows what goes ${direction}`);
}

function silence(link: Link, directions: readonly Direction[], what: string): Fault {
  const toxic = toxicFault(link, { type: 'timeout', attributes: { timeout: 0 } }, directions, what);
  return {
    ...toxic,
    // Bytes are lost for good, which TCP never lets happen within a connection; so those that lost some must end.
    stop: async () => {
      await toxic.stop();
      await cutConnections(link);
    },
  };
}
