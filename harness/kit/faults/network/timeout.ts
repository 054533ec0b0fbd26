import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** What is sent does not arrive, and `ms` later the connection ends. */
export function timeout(link: Link, ms: number): Fault {
  const toxic = { type: 'timeout', attributes: { timeout: ms } } as const;
  return toxicFault(link, toxic, ['upstream'], `swallows what goes upstream, and ends ${ms} ms later`);
}
