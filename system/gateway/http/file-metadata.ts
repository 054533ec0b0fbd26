import type { FastifyRequest } from 'fastify';
import type { Files } from '../objects/files.ts';
import type { FileRecord, FileSummary } from '../objects/ports.ts';
import { type FileParams, fileId } from './file-id.ts';

/** GET /files/:id/metadata: a file in any state, and where its chunks lie. */
export async function fileMetadata(files: Files, request: FastifyRequest<FileParams>) {
  return describe(await files.describe(fileId(request)));
}

/** The fields that every listing of a file has. */
export function summarize(file: FileSummary) {
  return {
    file_id: file.fileId,
    filename: file.filename,
    content_type: file.contentType,
    size: file.sizeBytes,
    checksum: file.sha256,
    status: file.uploadStatus,
    upload_status: file.uploadStatus,
    created_at: file.createdAt.toISOString(),
  };
}

function describe(file: FileRecord) {
  return {
    ...summarize(file),
    chunks: file.chunks.map((chunk) => ({
      chunk_number: chunk.chunkNumber,
      chunk_id: chunk.chunkId,
      size: chunk.sizeBytes,
      checksum: chunk.sha256,
      server_id: chunk.serverIds[0],
      replicas: chunk.serverIds,
    })),
  };
}
