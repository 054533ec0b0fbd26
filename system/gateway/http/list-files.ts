import type { FastifyRequest } from 'fastify';
import { StoreError } from '../objects/errors.ts';
import type { Files } from '../objects/files.ts';
import type { UploadStatus } from '../objects/ports.ts';
import { summarize } from './file-metadata.ts';

const PER_PAGE_DEFAULT = 10;
const PER_PAGE_MAX = 1_000;
const PAGE_MAX = 1_000_000_000;
const statuses: readonly UploadStatus[] = ['pending', 'uploading', 'completed', 'failed'];

export interface ListQuery {
  Querystring: { page?: string; per_page?: string; status?: string };
}

/** GET /files?page=&per_page=&status=: oldest first; completed files unless a status is named. */
export async function listFiles(files: Files, request: FastifyRequest<ListQuery>) {
  const page = wholeNumber('page', request.query.page, 1, PAGE_MAX);
  const perPage = wholeNumber('per_page', request.query.per_page, PER_PAGE_DEFAULT, PER_PAGE_MAX);
  const found = await files.list(page, perPage, status(request.query.status));
  return { files: found.files.map(summarize), total: found.total, page, per_page: perPage };
}

function wholeNumber(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new StoreError('InvalidRequest', `${name} must be a whole number from 1 to ${max}`);
}

function status(text: string | undefined): UploadStatus | undefined {
  if (text === undefined) return undefined;
  const known = statuses.find((candidate) => candidate === text);
  if (known !== undefined) return known;
  throw new StoreError('InvalidRequest', `status must be one of ${statuses.join(', ')}`);
}
