/** JSON Schemas of what goes over the wire, for the routes and for /openapi.json. */

const text = { type: 'string' } as const;
const bytes = { type: 'integer', minimum: 0, description: 'bytes' } as const;
const checksum = {
  type: ['string', 'null'],
  description: 'SHA-256, hexadecimal; null until the upload is completed',
} as const;
const uploadStatus = { type: 'string', enum: ['pending', 'uploading', 'completed', 'failed'] } as const;

export const errorSchema = {
  type: 'object',
  description: 'Every error has this form.',
  required: ['error', 'code', 'request_id'],
  properties: { error: { ...text, description: 'a sentence' }, code: text, request_id: text },
} as const;

const summary = {
  file_id: { type: 'string', format: 'uuid' },
  filename: text,
  content_type: text,
  size: bytes,
  checksum,
  status: uploadStatus,
  upload_status: uploadStatus,
  created_at: { type: 'string', format: 'date-time' },
} as const;

export const uploadedSchema = {
  type: 'object',
  properties: {
    file_id: summary.file_id,
    filename: text,
    size: bytes,
    content_type: text,
    checksum: { type: 'string', description: 'SHA-256, hexadecimal' },
    chunks: { type: 'integer', const: 6 },
    status: { type: 'string', const: 'completed' },
  },
} as const;

export const metadataSchema = {
  type: 'object',
  properties: {
    ...summary,
    chunks: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          chunk_number: { type: 'integer', minimum: 0, maximum: 5 },
          chunk_id: text,
          size: bytes,
          checksum: { type: 'string' },
          server_id: { ...text, description: 'the server of the primary replica' },
          replicas: { type: 'array', items: text, description: 'the servers of all replicas, the primary first' },
        },
      },
    },
  },
} as const;

export const listSchema = {
  type: 'object',
  properties: {
    files: { type: 'array', items: { type: 'object', properties: summary } },
    total: { type: 'integer' },
    page: { type: 'integer' },
    per_page: { type: 'integer' },
  },
} as const;

export const deletedSchema = {
  type: 'object',
  properties: { message: text, file_id: summary.file_id },
} as const;

export const idParams = {
  type: 'object',
  properties: { id: { type: 'string', description: 'file_id, a UUID' } },
} as const;

/** A form; it is read as a stream by our own parser, so this is documentation only. */
export const uploadForm = {
  'multipart/form-data': {
    schema: {
      type: 'object',
      required: ['file'],
      properties: { file: { type: 'string', format: 'binary', description: 'at most 10 GiB' } },
    },
  },
} as const;

export const heartbeatAnswer = { type: 'object', properties: { status: text, cluster_id: text } } as const;
