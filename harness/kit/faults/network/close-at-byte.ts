import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** Each connection ends when so many bytes have gone up it: a write is cut at just that byte. */
export function closeAtByte(link: Link, bytes: number): Fault {
  const toxic = { type: 'limit_data', attributes: { bytes } } as const;
  return toxicFault(link, toxic, ['upstream'], `closes at byte ${bytes}`);
}
