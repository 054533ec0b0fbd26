import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { StoreError } from '../objects/errors.ts';

/** Who may speak: REST keys for clients, the cluster token for storage nodes. Empty means open, which only loopback may be. */
export interface Credentials {
  readonly restKeys: readonly string[];
  readonly clusterToken: string | undefined;
}

/** Throws Unauthorized unless the request carries one of the REST keys as `Authorization: Bearer KEY`, or none is set. */
export function requireRestKey(credentials: Credentials, request: FastifyRequest): void {
  if (credentials.restKeys.length > 0) requireOneOf(credentials.restKeys, request);
}

/** Throws Unauthorized unless the request carries the cluster token, or none is set. */
export function requireClusterToken(credentials: Credentials, request: FastifyRequest): void {
  if (credentials.clusterToken !== undefined) requireOneOf([credentials.clusterToken], request);
}

function requireOneOf(keys: readonly string[], request: FastifyRequest): void {
  const given = digest(/^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
  // Every key is compared, and digests have one length, so that the time taken tells nothing.
  const matches = keys.filter((key) => timingSafeEqual(digest(key), given));
  if (matches.length === 0) throw new StoreError('Unauthorized', 'send a valid key as `Authorization: Bearer KEY`');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
