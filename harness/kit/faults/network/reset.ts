import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** Each connection is reset (RST) `afterMs` after its first byte. */
export function reset(link: Link, afterMs: number): Fault {
  const toxic = { type: 'reset_peer', attributes: { timeout: afterMs } } as const;
  return toxicFault(link, toxic, ['upstream'], `is reset after ${afterMs} ms`);
}
