import type { Fault } from '../fault.ts';
import { cutConnections, type Link } from './link.ts';

/** Every connection that stands ends; new ones are taken. */
export function cut(link: Link): Fault {
  return { start: () => cutConnections(link), stop: async () => {}, describe: () => `${link.name} is cut` };
}
