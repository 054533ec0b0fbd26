import { StoreError } from './errors.ts';
import { findObject } from './find-object.ts';
import type { ObjectChecksum, ObjectPut, Stored, StoredVersion } from './object-ports.ts';
import type { ObjectsDeps } from './objects.ts';
import type { Commit } from './ports.ts';
import { Refused } from './refused.ts';
import { storeContent } from './store-content.ts';
import { checkWriteConditions } from './write-preconditions.ts';

/** What is put, as far as it is known before the bytes are. */
export interface PutRequest extends Pick<ObjectPut, 'bucketName' | 'key' | 'accountId' | 'attributes' | 'conditions'> {
  readonly declaredBytes: number;
}

/** The bytes of an object, verified when they end, and what was computed of them on the way. */
export interface ObjectBody {
  readonly bytes: AsyncIterable<Buffer>;
  /** To be called after the last byte. */
  digests(): { readonly etag: string; readonly checksum: ObjectChecksum | undefined };
}

/**
 * Makes the bytes the newest version of the key. Small ones are kept in the metadata, which takes one round trip; others are
 * stored as a file first. Throws Refused, what storeFile throws, and whatever reading the body throws.
 */
export async function putObject(
  deps: ObjectsDeps,
  request: PutRequest,
  openBody: () => ObjectBody,
  signal: AbortSignal,
): Promise<StoredVersion> {
  if (request.declaredBytes > deps.inlineBytesMax) return putFile(deps, request, openBody, signal);
  const body = openBody();
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body.bytes) {
    bytes += piece.length;
    if (bytes > request.declaredBytes) throw new StoreError('IncompleteBody', 'the body is longer than was declared');
    pieces.push(piece);
  }
  await deps.failpoints.reach('s3.put.before-commit');
  const stored = await deps.metadata.putInline(describe(deps, request, bytes, body), Buffer.concat(pieces, bytes));
  await deps.failpoints.reach('s3.put.after-commit');
  return accept(deps, stored);
}

async function putFile(
  deps: ObjectsDeps,
  request: PutRequest,
  openBody: () => ObjectBody,
  signal: AbortSignal,
): Promise<StoredVersion> {
  // What would be refused in the end is better refused before gigabytes were sent. The write itself decides once more.
  const { version } = await findObject(deps.metadata, request, undefined, 'head');
  checkWriteConditions(request.conditions, version?.isDeleteMarker ? undefined : version);
  const body = openBody();
  const commit = async (written: Commit) => {
    await deps.failpoints.reach('s3.put.before-commit');
    const stored = await deps.metadata.putFile(describe(deps, request, written.sizeBytes, body), written);
    await deps.failpoints.reach('s3.put.after-commit');
    return stored === undefined ? undefined : accept(deps, stored);
  };
  return storeContent(deps, { bytes: body.bytes, declaredBytes: request.declaredBytes }, commit, signal);
}

function describe(deps: ObjectsDeps, request: PutRequest, sizeBytes: number, body: ObjectBody): ObjectPut {
  const { bucketName, key, accountId, attributes, conditions } = request;
  const { etag, checksum } = body.digests();
  return { bucketName, key, accountId, attributes, conditions, sizeBytes, etag, checksum, nonce: versionNonce(deps) };
}

/** 16 hexadecimal digits that nobody can guess. */
export function versionNonce({ random }: Pick<ObjectsDeps, 'random'>): string {
  // The first half of a UUID has six fixed bits; the last 12 digits and the first 4 have none.
  const digits = random.uuid().replaceAll('-', '');
  return digits.slice(-12) + digits.slice(0, 4);
}

/** Throws Refused. */
export function accept(deps: Pick<ObjectsDeps, 'onDeletionsQueued'>, stored: Stored): StoredVersion {
  if ('refused' in stored) throw new Refused(stored.refused);
  if (stored.freedSpace) deps.onDeletionsQueued();
  return stored.version;
}
