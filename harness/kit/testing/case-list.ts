import type { Capability } from '../cluster/target.ts';
import type { Tag } from './tags.ts';

/** A case as it was declared. */
export interface DeclaredCase {
  readonly id: string;
  readonly title: string;
  readonly tags: readonly Tag[];
  readonly phase: number;
  readonly timeoutMs: number;
  readonly needs: readonly Capability[];
  readonly cluster: 'shared' | 'own';
}

/**
 * Set while the runner only asks a file what it holds: cases are then put on this list and not registered with
 * node:test. A global, because each test file imports the kit for itself.
 */
let list: DeclaredCase[] | undefined;

export function beginListing(): DeclaredCase[] {
  list = [];
  return list;
}

/** True when the case was only listed. */
export function listed(declared: DeclaredCase): boolean {
  list?.push(declared);
  return list !== undefined;
}
