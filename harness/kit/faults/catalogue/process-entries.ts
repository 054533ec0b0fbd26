import type { ManagedProcess } from '../../cluster/target.ts';
import type { Fault } from '../fault.ts';
import { leverSettings } from '../lever.ts';
import { sessionsCut } from '../postgres/sessions-cut.ts';
import { slowQueries } from '../postgres/slow-queries.ts';
import { clockJump } from '../process/clock-jump.ts';
import { kill } from '../process/kill.ts';
import { pause } from '../process/pause.ts';
import { restart } from '../process/restart.ts';
import { shutDown } from '../process/shut-down.ts';
import { entry, type Written } from './entry.ts';
import { numberOf } from './parameters.ts';
import { processOf } from './victim.ts';

const hourMs = 3_600_000;

export const processEntries = [
  onProcesses({ name: 'kill', summary: 'SIGKILL, and a new start on the same data' }, kill),
  onProcesses({ name: 'pause', summary: 'SIGSTOP: connections stand, and nobody answers' }, pause),
  onProcesses({ name: 'shut-down', summary: 'SIGTERM, and a new start' }, shutDown),
  onProcesses({ name: 'restart', summary: 'stopped politely and started at once', isInstant: true }, restart),
  entry({
    name: 'clock-jump',
    summary: 'the wall clock of one process is ahead or behind; its monotonic clock is not',
    on: ['node', 'gateway'],
    harms: 'nothing',
    ranges: { ms: [-hourMs, hourMs] },
    settings: leverSettings,
    make: (planned, world) =>
      clockJump(processOf(planned.on, world.cluster), world.controlDir, numberOf(planned, 'ms')),
  }),
  entry({
    name: 'sessions-cut',
    summary: 'PostgreSQL ends every session of the gateways',
    on: ['postgres'],
    harms: 'availability',
    isInstant: true,
    make: (_, { cluster }) => sessionsCut(cluster.databaseUrl),
  }),
  entry({
    name: 'slow-queries',
    summary: 'somebody locks the files table again and again, so that queries wait',
    on: ['postgres'],
    harms: 'nothing',
    ranges: { heldMs: [50, 800] },
    make: (planned, { cluster }) => slowQueries(cluster.databaseUrl, numberOf(planned, 'heldMs')),
  }),
];

function onProcesses(words: Pick<Written, 'name' | 'summary' | 'isInstant'>, make: (victim: ManagedProcess) => Fault) {
  return entry({
    ...words,
    on: ['node', 'gateway', 'postgres'],
    harms: 'availability',
    make: ({ on }, { cluster }) => make(processOf(on, cluster)),
  });
}
