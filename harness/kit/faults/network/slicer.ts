import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** What is sent arrives in pieces of so many bytes, each way, and no message border is where a packet ends. */
export function slicer(link: Link, bytes: number, gapMicros: number): Fault {
  const toxic = { type: 'slicer', attributes: { average_size: bytes, size_variation: 0, delay: gapMicros } } as const;
  return toxicFault(link, toxic, ['upstream', 'downstream'], `carries ${bytes} bytes at a time`);
}
