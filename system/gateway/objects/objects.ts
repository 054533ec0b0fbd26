import type { Files } from './files.ts';
import type { ObjectMetadata } from './object-ports.ts';
import type { WriteDeps } from './write-file.ts';

/** What the use cases over keys work with. */
export interface ObjectsDeps extends Omit<WriteDeps, 'metadata'> {
  readonly metadata: WriteDeps['metadata'] & ObjectMetadata;
  readonly files: Files;
  /** Objects up to this size are kept in the metadata. Zero-byte objects always are. */
  readonly inlineBytesMax: number;
}
