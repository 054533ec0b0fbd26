import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** The end of a connection is told `ms` late. */
export function slowClose(link: Link, ms: number): Fault {
  const toxic = { type: 'slow_close', attributes: { delay: ms } } as const;
  return toxicFault(link, toxic, ['upstream', 'downstream'], `closes ${ms} ms late`);
}
