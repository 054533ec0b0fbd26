import type { Files } from './files.ts';
import type { ObjectMetadata } from './object-ports.ts';
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
}
