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
import { entry, type FaultWorld, type Harm } from './entry.ts';
import { numberOf, type Ranges } from './parameters.ts';
import { BadFault, processOf, servingEnd } from './victim.ts';

const links = ['link:gateway->node', 'link:client->gateway', 'link:gateway->postgres', 'link:node->gateway'] as const;

export const networkEntries = [
  onLinks('latency', 'every byte takes longer, each way', 'nothing', latency, { ms: [20, 500] }),
  onLinks('bandwidth', 'a connection moves few bytes in a second, each way', 'nothing', bandwidth, {
    kilobytesPerSecond: [100, 4_000],
  }),
  onLinks('slicer', 'what is sent arrives in small pieces', 'nothing', slicer, {
    bytes: [64, 8_192],
    gapMicros: [0, 100],
  }),
  onLinks('reset', 'each connection is reset some time after its first byte', 'availability', reset, {
    afterMs: [0, 300],
  }),
  onLinks('close-at-byte', 'each connection ends when so many bytes have gone up it', 'availability', closeAtByte, {
    bytes: [1, 2_000_000],
  }),
  onLinks('timeout', 'what is sent up does not arrive, and later the connection ends', 'availability', timeout, {
    ms: [100, 3_000],
  }),
  entry({
    name: 'one-way-partition',
    summary: 'requests arrive and answers do not, or the other way round',
    on: links,
    harms: 'availability',
    ranges: { direction: { oneOf: ['upstream', 'downstream'] } },
    make: ({ on, parameters }, world) =>
      onEach(on, world, (link) => oneWayPartition(link, parameters['direction'] as Direction)),
  }),
  onLinks('partition', 'nothing arrives, either way', 'availability', blackhole),
  onLinks('slow-close', 'the end of a connection is told late', 'nothing', slowClose, { ms: [50, 2_000] }),
  onLinks('refusal', 'connections are cut, and new ones refused', 'availability', refusal),
  entry({
    name: 'cut',
    summary: 'connections are cut, new ones taken',
    on: links,
    harms: 'availability',
    isInstant: true,
    make: ({ on }, world) => onEach(on, world, cut),
  }),
  entry({
    name: 'half-open',
    summary: 'who is dialled is killed and started, and who dialled believes that the connection stands',
    on: links,
    harms: 'availability',
    make: ({ on }, world) => halfOpen(linksOf(on, world), processOf(servingEnd(on), world.cluster)),
  }),
];

/** A fault of the link and of as many numbers as there are ranges, in their order. */
function onLinks(
  name: string,
  summary: string,
  harms: Harm,
  make: (link: Link, ...numbers: number[]) => Fault,
  ranges: Ranges = {},
) {
  return entry({
    name,
    summary,
    on: links,
    harms,
    ranges,
    make: (planned, world) => {
      const numbers = Object.keys(ranges).map((parameter) => numberOf(planned, parameter));
      return onEach(planned.on, world, (link) => make(link, ...numbers));
    },
  });
}

/** On every link of the name: a gateway has one for each of its interfaces. */
function onEach(on: string, world: FaultWorld, make: (link: Link) => Fault): Fault {
  return together(linksOf(on, world).map(make));
}

function linksOf(on: string, world: FaultWorld): readonly Link[] {
  if (world.links === null) throw new BadFault(`'${on}' cannot be broken: the cluster was started without links`);
  try {
    return world.links.named(on);
  } catch (error) {
    throw new BadFault((error as Error).message, { cause: error });
  }
}
