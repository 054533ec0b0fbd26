import type { PlannedFault } from '../../experiment/plan.ts';
import type { Fault } from '../fault.ts';
import { bandwidth } from '../network/bandwidth.ts';
import { closeAtByte } from '../network/close-at-byte.ts';
import { cut } from '../network/cut.ts';
import { halfOpen } from '../network/half-open.ts';
import { latency } from '../network/latency.ts';
import type { Direction, Link } from '../network/link.ts';
import { refusal } from '../network/refusal.ts';
import { reset } from '../network/reset.ts';
import { blackhole, oneWayPartition } from '../network/silence.ts';
import { slicer } from '../network/slicer.ts';
import { slowClose } from '../network/slow-close.ts';
import { timeout } from '../network/timeout.ts';
import { together } from '../together.ts';
import { entry, type FaultWorld, type Written } from './entry.ts';
import { numberOf } from './parameters.ts';
import { BadFault, processOf, servingEnd } from './victim.ts';

const links = ['link:gateway->node', 'link:client->gateway', 'link:gateway->postgres', 'link:node->gateway'] as const;

export const networkEntries = [
  onLinks(
    { name: 'latency', summary: 'every byte takes longer, each way', harms: 'nothing', ranges: { ms: [20, 500] } },
    (link, fault) => latency(link, numberOf(fault, 'ms')),
  ),
  onLinks(
    {
      name: 'bandwidth',
      summary: 'a connection moves few bytes in a second, each way',
      harms: 'nothing',
      ranges: { kilobytesPerSecond: [100, 4_000] },
    },
    (link, fault) => bandwidth(link, numberOf(fault, 'kilobytesPerSecond')),
  ),
  onLinks(
    {
      name: 'slicer',
      summary: 'what is sent arrives in small pieces',
      harms: 'nothing',
      ranges: { bytes: [64, 8_192], gapMicros: [0, 100] },
    },
    (link, fault) => slicer(link, numberOf(fault, 'bytes'), numberOf(fault, 'gapMicros')),
  ),
  onLinks(
    {
      name: 'reset',
      summary: 'each connection is reset some time after its first byte',
      harms: 'availability',
      ranges: { afterMs: [0, 300] },
    },
    (link, fault) => reset(link, numberOf(fault, 'afterMs')),
  ),
  onLinks(
    {
      name: 'close-at-byte',
      summary: 'each connection ends when so many bytes have gone up it',
      harms: 'availability',
      ranges: { bytes: [1, 2_000_000] },
    },
    (link, fault) => closeAtByte(link, numberOf(fault, 'bytes')),
  ),
  onLinks(
    {
      name: 'timeout',
      summary: 'what is sent up does not arrive, and later the connection ends',
      harms: 'availability',
      ranges: { ms: [100, 3_000] },
    },
    (link, fault) => timeout(link, numberOf(fault, 'ms')),
  ),
  onLinks(
    {
      name: 'one-way-partition',
      summary: 'requests arrive and answers do not, or the other way round',
      harms: 'availability',
      ranges: { direction: { oneOf: ['upstream', 'downstream'] } },
    },
    (link, fault) => oneWayPartition(link, fault.parameters['direction'] as Direction),
  ),
  onLinks({ name: 'partition', summary: 'nothing arrives, either way', harms: 'availability' }, blackhole),
  onLinks(
    {
      name: 'slow-close',
      summary: 'the end of a connection is told late',
      harms: 'nothing',
      ranges: { ms: [50, 2_000] },
    },
    (link, fault) => slowClose(link, numberOf(fault, 'ms')),
  ),
  onLinks({ name: 'refusal', summary: 'connections are cut, and new ones refused', harms: 'availability' }, refusal),
  onLinks({ name: 'cut', summary: 'connections are cut, new ones taken', harms: 'availability', isInstant: true }, cut),
  entry({
    name: 'half-open',
    summary: 'who is dialled is killed and started, and who dialled believes that the connection stands',
    on: links,
    harms: 'availability',
    make: ({ on }, world) => halfOpen(linksOf(on, world), processOf(servingEnd(on), world.cluster)),
  }),
];

type Words = Pick<Written, 'name' | 'summary' | 'harms' | 'ranges' | 'isInstant'>;

/** On every link of the name: a gateway has one for each of its interfaces. */
function onLinks(words: Words, make: (link: Link, planned: PlannedFault) => Fault) {
  return entry({
    ...words,
    on: links,
    make: (planned, world) => together(linksOf(planned.on, world).map((link) => make(link, planned))),
  });
}

function linksOf(on: string, world: FaultWorld): readonly Link[] {
  if (world.links === null) throw new BadFault(`'${on}' cannot be broken: the cluster was started without links`);
  try {
    return world.links.named(on);
  } catch (error) {
    throw new BadFault((error as Error).message, { cause: error });
  }
}
