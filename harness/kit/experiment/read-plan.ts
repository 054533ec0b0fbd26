import { z } from 'zod';
import type { Plan } from './plan.ts';

const wholeMs = z.int().min(0);
const condition = z.union([z.strictObject({ ifMatch: z.string() }), z.strictObject({ ifNoneMatch: z.literal('*') })]);
const via = z.enum(['s3', 'files']);
const key = z.string().min(1);

const call = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('put'),
    via,
    key,
    value: z.string().min(1),
    bytes: z.int().min(0),
    parts: z.int().min(1),
    condition: condition.nullable(),
  }),
  z.strictObject({
    kind: z.literal('get'),
    via,
    key,
    range: z.strictObject({ first: z.int().min(0), last: z.int().min(0) }).nullable(),
  }),
  z.strictObject({ kind: z.literal('head'), via, key }),
  z.strictObject({ kind: z.literal('delete'), via, key }),
  z.strictObject({ kind: z.literal('list'), via, prefix: z.string() }),
]);

const plan = z
  .strictObject({
    format: z.literal(1),
    seed: z.string(),
    scenario: z.string(),
    cluster: z.strictObject({
      target: z.enum(['processes', 'containers']),
      nodes: z.int().min(1).max(100),
      gateways: z.int().min(1).max(16),
      replicas: z.int().min(1).max(6),
      isVersioned: z.boolean(),
      mutant: z.string().nullable(),
      settings: z.record(z.string(), z.string()),
    }),
    loadMs: z.int().min(1),
    clients: z.array(
      z.strictObject({
        name: z.string().min(1),
        operations: z.array(z.strictObject({ atMs: wholeMs, gateway: z.int().min(0), call })),
      }),
    ),
    faults: z.array(
      z.strictObject({
        id: z.string().min(1),
        name: z.string().min(1),
        on: z.string().min(1),
        parameters: z.record(z.string(), z.union([z.number(), z.string()])),
        atMs: wholeMs,
        forMs: wholeMs,
      }),
    ),
    limits: z.strictObject({ operationMs: z.int().min(1), recoveryMs: z.int().min(1), mendingMs: z.int().min(1) }),
  })
  .superRefine(({ clients, cluster, faults }, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const [n, { name }] of clients.entries()) {
      if (clients.findIndex((one) => one.name === name) !== n)
        complain(['clients', n, 'name'], `${name} is there twice`);
    }
    for (const [n, { id }] of faults.entries()) {
      if (faults.findIndex((one) => one.id === id) !== n) complain(['faults', n, 'id'], `${id} is there twice`);
    }
    for (const [n, { operations }] of clients.entries()) {
      const at = operations.findIndex(({ gateway }) => gateway >= cluster.gateways);
      if (at === -1) continue;
      const gateway = operations[at]?.gateway;
      complain(
        ['clients', n, 'operations', at, 'gateway'],
        `is ${gateway}, and there are ${cluster.gateways} gateways`,
      );
    }
  });

/** A plan that is none, or none of this version. The message names every place that is wrong. */
export class MalformedPlan extends Error {
  override name = 'MalformedPlan';
}

/** `from` tells the reader where the text came from. Throws MalformedPlan. */
export function readPlan(text: string, from: string): Plan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new MalformedPlan(`${from} is no JSON: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const read = plan.safeParse(json);
  if (read.success) return read.data;
  const shown = read.error.issues.slice(0, issuesShown);
  const lines = shown.map(({ path, message }) => `  ${path.length === 0 ? 'the plan' : path.join('.')}: ${message}`);
  const more = read.error.issues.length - shown.length;
  throw new MalformedPlan(
    `${from} is no plan of this version:\n${lines.join('\n')}${more > 0 ? `\n  and ${more} more` : ''}`,
  );
}

const issuesShown = 10;

export function planText(of: Plan): string {
  return `${JSON.stringify(of, null, 1)}\n`;
}
