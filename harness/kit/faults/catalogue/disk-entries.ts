import type { ManagedNode } from '../../cluster/target.ts';
import type { PlannedFault } from '../../experiment/plan.ts';
import { deleteChunkFile, flipBit, rot, truncateChunk } from '../chunk-damage.ts';
import { diskFull, diskReadError, diskWriteError, slowDisk } from '../disk/bad-disk.ts';
import { olderData } from '../disk/older-data.ts';
import { tornTemporary } from '../disk/torn-temporary.ts';
import type { Fault } from '../fault.ts';
import { leverSettings } from '../lever.ts';
import { entry, type FaultWorld, type Written } from './entry.ts';
import { numberOf } from './parameters.ts';
import { nodeOf } from './victim.ts';

export const diskEntries = [
  onDisk(
    { name: 'disk-full', summary: 'writes and flushes fail: ENOSPC', harms: 'availability', settings: leverSettings },
    (node, { controlDir }) => diskFull(node, controlDir),
  ),
  onDisk(
    {
      name: 'disk-write-error',
      summary: 'writes and flushes fail: EIO',
      harms: 'availability',
      settings: leverSettings,
    },
    (node, { controlDir }) => diskWriteError(node, controlDir),
  ),
  onDisk(
    {
      name: 'disk-read-error',
      summary: 'some chunk files cannot be read: EIO',
      // What cannot be read is repaired from elsewhere: as long as it lasts, it is as good as lost.
      harms: 'data of one node',
      ranges: { perCent: [5, 100] },
      settings: leverSettings,
    },
    (node, { controlDir }, planned) => diskReadError(node, controlDir, numberOf(planned, 'perCent')),
  ),
  onDisk(
    {
      name: 'slow-disk',
      summary: 'reads, writes and flushes take longer',
      harms: 'nothing',
      ranges: { ms: [5, 200] },
      settings: leverSettings,
    },
    (node, { controlDir }, planned) => slowDisk(node, controlDir, numberOf(planned, 'ms')),
  ),
  onDisk(damage('flip-bit', 'one bit of a chunk file is flipped'), (node, world, planned) =>
    flipBit(node.dataDir, seedOf(planned, world), { orNone: true }),
  ),
  onDisk(
    {
      ...damage('rot', 'one bit is flipped in the blocks of each of some chunk files'),
      ranges: { perCent: [20, 100] },
    },
    (node, world, planned) => rot(node.dataDir, seedOf(planned, world), numberOf(planned, 'perCent')),
  ),
  onDisk(damage('truncate-chunk', 'a chunk file is cut short'), (node, world, planned) =>
    truncateChunk(node.dataDir, seedOf(planned, world), { orNone: true }),
  ),
  onDisk(damage('delete-chunk', 'a chunk file is gone'), (node, world, planned) =>
    deleteChunkFile(node.dataDir, seedOf(planned, world), { orNone: true }),
  ),
  onDisk(
    {
      name: 'torn-temporary',
      summary: 'the node dies with a half-written chunk among its unfinished files',
      harms: 'availability',
    },
    (node, world, planned) => tornTemporary(node, world.choices.fork(planned.id)),
  ),
  onDisk(
    {
      name: 'older-data',
      summary: 'the node comes back at the end with what it had at the start',
      harms: 'data of one node',
    },
    olderData,
  ),
];

function onDisk(
  words: Omit<Written, 'on' | 'make'>,
  make: (node: ManagedNode, world: FaultWorld, planned: PlannedFault) => Fault,
) {
  return entry({
    ...words,
    on: ['node'],
    make: (planned, world) => make(nodeOf(planned, world.cluster), world, planned),
  });
}

function damage(name: string, summary: string) {
  return { name, summary, harms: 'data of one node', isInstant: true } as const;
}

/** Of the run and of the fault: two bits that are flipped are two bits. */
function seedOf(planned: PlannedFault, { choices }: FaultWorld): string {
  return String(choices.fork(planned.id).int(0, 2 ** 31 - 1));
}
