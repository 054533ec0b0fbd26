/** JSON Schemas of the operators' interface to storage servers. */

const text = { type: 'string' } as const;
const bytes = { type: 'integer', minimum: 0, description: 'bytes' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const moment = { type: ['string', 'null'], format: 'date-time' } as const;

export const serverSchema = {
  type: 'object',
  properties: {
    server_id: text,
    grpc_address: { ...text, description: 'host:port' },
    status: { type: 'string', enum: ['active', 'draining', 'inactive', 'removed', 'maintenance'] },
    available_space: bytes,
    used_space: bytes,
    total_space: bytes,
    last_heartbeat: { ...moment, description: 'null when there never was one' },
    replicas: { ...count, description: 'replicas of chunks that lie on it, those of uploads under way included' },
    replica_bytes: bytes,
    drain: {
      type: ['object', 'null'],
      description: 'null unless the server is draining',
      properties: { started_at: moment, replicas_left: count, bytes_left: bytes },
    },
  },
} as const;

export const serverListSchema = {
  type: 'object',
  properties: { storage_servers: { type: 'array', items: serverSchema } },
} as const;

export const serverParams = {
  type: 'object',
  properties: { id: { type: 'string', description: 'server_id' } },
} as const;

export const rebalanceSchema = {
  type: 'object',
  properties: {
    state: { type: 'string', enum: ['idle', 'draining', 'balancing'] },
    spread: { type: 'number', description: 'fullest less emptiest server, in parts of the mean' },
    bytes_left: { ...bytes, description: 'bytes that still have to move' },
    moved_chunks: count,
    moved_bytes: bytes,
    failed_moves: count,
    updated_at: { ...moment, description: 'null when it has never run' },
  },
} as const;
