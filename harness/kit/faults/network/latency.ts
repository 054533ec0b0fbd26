import type { Fault } from '../fault.ts';
import { type Link, toxicFault } from './link.ts';

/** Every byte takes `ms` longer, each way. */
export function latency(link: Link, ms: number): Fault {
  const toxic = { type: 'latency', attributes: { latency: ms, jitter: 0 } } as const;
  return toxicFault(link, toxic, ['upstream', 'downstream'], `is ${ms} ms longer`, { latency: 0, jitter: 0 });
}
