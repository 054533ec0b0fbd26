import { ddmin } from './ddmin.ts';
import type { ClientPlan, Plan, PlannedOperation } from './plan.ts';

/** Whether a plan fails as the one that is shrunk does. An unsure answer is false. */
export type Fails = (candidate: Plan) => Promise<boolean>;

/**
 * A plan that fails too, with as little as possible in it: first of the faults, then of the clients, then of the operations,
 * each by delta debugging, and at last of the time. `plan` itself must fail.
 */
export async function shrinkPlan(plan: Plan, fails: Fails): Promise<Plan> {
  const faults = await ddmin(plan.faults, (some) => fails({ ...plan, faults: some }));
  const fewFaults = { ...plan, faults };
  const clients = await ddmin(plan.clients, (some) => fails({ ...fewFaults, clients: some }));
  const fewClients = { ...fewFaults, clients };
  const operations = await ddmin(flat(clients), (some) => fails({ ...fewClients, clients: grouped(some) }));
  const small = { ...fewClients, clients: grouped(operations) };
  const short = { ...small, loadMs: lastMs(small) };
  return short.loadMs < small.loadMs && (await fails(short)) ? short : small;
}

interface OwnedOperation {
  readonly client: string;
  readonly operation: PlannedOperation;
}

function flat(clients: readonly ClientPlan[]): OwnedOperation[] {
  return clients.flatMap(({ name, operations }) => operations.map((operation) => ({ client: name, operation })));
}

/** By client, in the order that they have. */
function grouped(owned: readonly OwnedOperation[]): ClientPlan[] {
  const byClient = Map.groupBy(owned, ({ client }) => client);
  return [...byClient].map(([name, its]) => ({ name, operations: its.map(({ operation }) => operation) }));
}

/** When the last thing of the plan begins or ends, and a little for it to be answered. */
function lastMs({ clients, faults }: Plan): number {
  const operations = clients.flatMap((client) => client.operations.map(({ atMs }) => atMs));
  return Math.max(0, ...operations, ...faults.map(({ atMs, forMs }) => atMs + forMs)) + answerMs;
}

const answerMs = 1_000;
