import { z } from 'zod';
import type { HistoryEvent } from './events.ts';

const at = z.int().nonnegative();
const name = z.string().min(1);

const content = z.object({
  kind: z.literal('content'),
  value: z.string().nullable(),
  version: z.string().nullable(),
  wrong: z.string().nullable(),
});
const seen = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('written'), version: z.string().nullable(), wrong: z.string().exactOptional() }),
  z.object({ kind: z.literal('refused') }),
  z.object({ kind: z.literal('absent') }),
  content,
  z.object({
    kind: z.literal('keys'),
    keys: z.array(z.object({ key: z.string(), value: z.string().nullable() })).readonly(),
    pages: z.int().positive().exactOptional(),
  }),
]);

const via = z.enum(['s3', 'files']);
const call = z.discriminatedUnion('kind', [
  z.object({
    via,
    kind: z.literal('put'),
    key: z.string(),
    value: name,
    bytes: at,
    parts: z.int().positive(),
    condition: z.union([z.object({ ifMatch: name }), z.object({ ifNoneMatch: z.literal('*') })]).nullable(),
  }),
  z.object({ via, kind: z.literal('get'), key: z.string(), range: z.object({ first: at, last: at }).nullable() }),
  z.object({ via, kind: z.literal('head'), key: z.string() }),
  z.object({ via, kind: z.literal('delete'), key: z.string() }),
  z.object({ via, kind: z.literal('list'), prefix: z.string() }),
]);

const end = z.object({
  type: z.enum(['ok', 'fail', 'info']),
  at,
  op: at,
  answer: z.string(),
  trace: z.string().nullable(),
  seen: seen.nullable(),
});

/** What events.ts says, for a line that comes from a file. Fields that are not known here are let through. */
export const historyEvent: z.ZodType<HistoryEvent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    at,
    format: z.literal(1),
    seed: z.string(),
    scenario: z.string(),
    startedAt: z.string(),
  }),
  z.object({ type: z.literal('invoke'), at, op: at, process: name, node: name, call }),
  end,
  z.object({
    type: z.literal('fault'),
    at,
    fault: name,
    state: z.enum(['starting', 'started', 'stopping', 'stopped', 'failed']),
    what: z.string(),
  }),
  z.object({
    type: z.literal('phase'),
    at,
    phase: z.enum(['load', 'heal', 'recover', 'final reads', 'census', 'clear']),
  }),
  z.object({ type: z.literal('exit'), at, node: name, code: z.int().nullable(), signal: z.string().nullable() }),
  z.object({ type: z.enum(['recovered', 'not recovered']), at }),
  z.object({
    type: z.literal('versions'),
    at,
    versions: z.array(z.object({ key: z.string(), version: z.string(), content: content.nullable() })).readonly(),
  }),
  z.object({
    type: z.literal('census'),
    at,
    orphans: z.array(z.string()).readonly(),
    missing: z.array(z.string()).readonly(),
    leaked: z.array(z.string()).readonly(),
  }),
  z.object({ type: z.literal('cleared'), at, left: z.array(z.string()).readonly().nullable() }),
]);
