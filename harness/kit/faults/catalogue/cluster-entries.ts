import { drain } from '../cluster/drain.ts';
import { join } from '../cluster/join.ts';
import { passingGateway } from '../cluster/passing-gateway.ts';
import { powerCut, powerCutSettings } from '../cluster/power-cut.ts';
import { entry } from './entry.ts';
import { numberOf } from './parameters.ts';
import { nodeOf } from './victim.ts';

export const clusterEntries = [
  entry({
    name: 'power-cut',
    summary: 'every process is killed at once, and what nodes had not flushed is lost; later all start again',
    on: ['cluster'],
    harms: 'availability',
    settings: powerCutSettings,
    make: (_, { cluster, controlDir }) => powerCut(cluster, controlDir),
  }),
  entry({
    name: 'passing-gateway',
    summary: 'one more gateway joins, and is killed at the end',
    on: ['cluster'],
    harms: 'nothing',
    make: (_, { cluster }) => passingGateway(cluster),
  }),
  entry({
    name: 'join',
    summary: 'an empty node joins, and stays',
    on: ['cluster'],
    harms: 'nothing',
    isInstant: true,
    make: (_, { cluster }) => join(cluster),
  }),
  entry({
    name: 'drain',
    summary: 'an operator drains a node and takes it away for good, or changes his mind',
    on: ['node'],
    harms: 'availability',
    ranges: { withinMs: [0, 10_000] },
    make: (planned, { cluster }) => drain(cluster, nodeOf(planned, cluster), numberOf(planned, 'withinMs')),
  }),
];
