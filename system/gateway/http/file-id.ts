import type { FastifyRequest } from 'fastify';
import { StoreError } from '../objects/errors.ts';

export interface FileParams {
  Params: { id: string };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id in the path. What is not a UUID is the id of no file: FileNotFound, which says so. */
export function fileId(request: FastifyRequest<FileParams>): string {
  const { id } = request.params;
  if (UUID.test(id)) return id.toLowerCase();
  throw new StoreError(
    'FileNotFound',
    'there is no such file; a file_id is a UUID such as 6f1c2d34-5b6a-4c7d-8e9f-0a1b2c3d4e5f',
  );
}
