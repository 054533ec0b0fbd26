/** JSON Schemas of /admin/repair and of the jobs that an operator may ask for. */

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const bytes = { ...count, description: 'bytes' } as const;
const state = { type: 'string', enum: ['idle', 'running'] } as const;
const moment = { type: ['string', 'null'], format: 'date-time' } as const;

const lostChunk = {
  type: 'object',
  properties: {
    file_id: { ...text, format: 'uuid' },
    chunk_id: text,
    chunk_number: { type: 'integer', minimum: 0, maximum: 5 },
    size: bytes,
    servers: { type: 'array', items: text, description: 'where its replicas are listed; none of them is good' },
    reason: text,
    attempts: count,
    lost_at: { ...text, format: 'date-time' },
  },
} as const;

const scrub = {
  type: 'object',
  description: 'The round that runs, or the last one.',
  properties: {
    state,
    started_at: moment,
    finished_at: moment,
    verified_replicas: count,
    verified_bytes: bytes,
    total_bytes: bytes,
    unreachable: { ...count, description: 'replicas whose server did not answer' },
    problems: { ...count, description: 'replicas that were found absent or damaged' },
  },
} as const;

const census = {
  type: 'object',
  description: 'The one that runs, or the last one.',
  properties: {
    state,
    started_at: moment,
    finished_at: moment,
    servers: count,
    unreachable_servers: count,
    files: { ...count, description: "chunk files on the servers' disks" },
    orphans_waiting: { ...count, description: 'files that nothing lists, within the grace period' },
    orphans_queued: { ...count, description: 'files that nothing lists and that are being deleted' },
    foreign_files: { ...count, description: 'files of other programs; they are never deleted' },
    absent_replicas: count,
    adopted_replicas: { ...count, description: 'replicas that were given up once and are used again' },
  },
} as const;

export const repairSchema = {
  type: 'object',
  properties: {
    state,
    pending_chunks: count,
    pending_bytes: bytes,
    repaired_chunks: count,
    repaired_bytes: bytes,
    trimmed_replicas: count,
    failed: { ...count, description: 'attempts that failed; each is made again' },
    problems: { type: 'object', properties: { absent: count, damaged: count } },
    lost_chunks: { ...count, description: 'chunks without a good replica' },
    lost: { type: 'array', items: lostChunk, description: 'the first 100 of them' },
    scrub,
    census,
  },
} as const;

export const askedSchema = { type: 'object', properties: { message: text, job: text } } as const;
