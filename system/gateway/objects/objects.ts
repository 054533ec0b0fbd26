import { deleteObjects } from './delete-objects.ts';
import type { Files } from './files.ts';
import type { FoundObject } from './find-object.ts';
import { getObject, type ReadPlan } from './get-object.ts';
import type { DeleteTarget, KeyTarget, ObjectMetadata } from './object-ports.ts';
import { type ObjectBody, type PutRequest, putObject } from './put-object.ts';
import type { WriteDeps } from './write-file.ts';

export interface ObjectsDeps extends Omit<WriteDeps, 'metadata'> {
  readonly metadata: WriteDeps['metadata'] & ObjectMetadata;
  readonly files: Files;
  /** Objects up to this size are kept in the metadata. Zero-byte objects always are. */
  readonly inlineBytesMax: number;
}

/** The use cases over keys: put, get, delete and copy. */
export class Objects {
  readonly deps: ObjectsDeps;

  constructor(deps: ObjectsDeps) {
    this.deps = deps;
  }

  put(request: PutRequest, openBody: () => ObjectBody, signal: AbortSignal) {
    return putObject(this.deps, request, openBody, signal);
  }

  get<Head>(
    target: KeyTarget,
    versionId: string | undefined,
    plan: (found: FoundObject) => ReadPlan<Head> | Promise<ReadPlan<Head>>,
    signal: AbortSignal,
  ) {
    return getObject(this.deps, target, versionId, plan, signal);
  }

  delete(bucketName: string, accountId: string, targets: readonly Omit<DeleteTarget, 'nonce'>[]) {
    return deleteObjects(this.deps, bucketName, accountId, targets);
  }
}
