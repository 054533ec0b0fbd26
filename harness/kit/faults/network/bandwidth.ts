import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** No connection moves more than this in a second, each way. */
export function bandwidth(link: Link, kilobytesPerSecond: number): Fault {
  const toxic = { type: 'bandwidth', attributes: { rate: kilobytesPerSecond } } as const;
  return toxicFault(link, toxic, ['upstream', 'downstream'], `carries ${kilobytesPerSecond} KB/s`);
}
