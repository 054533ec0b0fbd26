import type { ManagedNode } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';
import { Lever } from '../lever.ts';
import type { Control, Obeyed } from '../preload/control.ts';

/** So many of a hundred chunk files cannot be read: EIO. Which ones, their ids decide. */
export function diskReadError(node: ManagedNode, controlDir: string, perCent: number): Fault {
  const order = [{ readErrorsPerCent: perCent }, { readErrorsPerCent: 0 }] as const;
  return badDisk(node, controlDir, ...order, `cannot read ${perCent} % of the chunk files`, 'failed');
}

/** Nothing can be written or flushed: EIO. */
export function diskWriteError(node: ManagedNode, controlDir: string): Fault {
  return badDisk(node, controlDir, { writeError: 'EIO' }, { writeError: '' }, 'fails every write', 'failed');
}

/** Nothing can be written or flushed: ENOSPC. Unlike `fullDisk` it needs no small disk, and fills none. */
export function diskFull(node: ManagedNode, controlDir: string): Fault {
  return badDisk(node, controlDir, { writeError: 'ENOSPC' }, { writeError: '' }, 'is full', 'failed');
}

/** Each read, write, flush and rename takes `ms` longer. */
export function slowDisk(node: ManagedNode, controlDir: string, ms: number): Fault {
  const what = `takes ${ms} ms longer for each operation`;
  return badDisk(node, controlDir, { diskDelayMs: ms }, { diskDelayMs: 0 }, what, 'delayed');
}

type Order = Partial<Omit<Control, 'revision'>>;

function badDisk(
  node: ManagedNode,
  controlDir: string,
  start: Order,
  stop: Order,
  what: string,
  counted: keyof Pick<Obeyed, 'failed' | 'delayed'>,
): Fault {
  const lever = new Lever(controlDir, node);
  let before: Obeyed | undefined;
  return {
    start: async () => {
      before = lever.obeyed();
      await lever.pull(start);
    },
    stop: () => lever.pull(stop),
    describe: () => {
      const now = lever.obeyed();
      // A process that was started anew counts from 0.
      const earlier = before?.life === now?.life ? (before?.[counted] ?? 0) : 0;
      return `the disk of ${node.name} ${what} (${(now?.[counted] ?? 0) - earlier} ${counted} so far)`;
    },
  };
}
