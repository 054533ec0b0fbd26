import type { Call } from '../../history/events.ts';
import type { Choices } from '../../seed/choices.ts';
import type { ClientPlan, PlannedOperation } from '../plan.ts';
import { files } from './files.ts';
import { largeObjects } from './large-objects.ts';
import { mixed } from './mixed.ts';
import { multipart } from './multipart.ts';
import { registers } from './registers.ts';
import { sets } from './sets.ts';
import { type NextCalls, Shared } from './user.ts';
import { withRanges } from './with-ranges.ts';
import type { WorkloadKind, WorkloadOptions } from './workload-options.ts';

const workloads: Readonly<Record<WorkloadKind, NextCalls>> = {
  registers,
  sets,
  multipart,
  'large objects': largeObjects,
  files,
  mixed,
};

/** The clients of a plan. The same seed and options make the same ones. */
export function generateClients(options: WorkloadOptions, choices: Choices): ClientPlan[] {
  const next = workloads[options.kind];
  const run = new Shared();
  const everyMs = 1000 / options.operationsPerSecond;
  const rounds = Math.floor(options.seconds * options.operationsPerSecond);
  const users = Array.from({ length: options.clients }, (_, index) => {
    const name = `client-${index + 1}`;
    const user = { choices: choices.fork(name), options, run };
    return { name, user, waiting: [] as Call[], operations: [] as PlannedOperation[] };
  });
  // Round by round, so that a client can only use the files of others that are planned to be there by then.
  for (let round = 0; round < rounds; round++) {
    for (const { user, waiting, operations } of users) {
      if (waiting.length === 0) waiting.push(...next(user));
      const call = waiting.shift();
      if (call === undefined) throw new Error(`the workload ${options.kind} has nothing to do`);
      const atMs = Math.floor((round + user.choices.int(0, 99) / 100) * everyMs);
      operations.push({ atMs, gateway: user.choices.int(0, options.gateways - 1), call });
    }
  }
  return withRanges(
    users.map(({ name, operations }) => ({ name, operations })),
    choices.fork('ranges'),
  );
}
