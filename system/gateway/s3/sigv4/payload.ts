import type { ChunkSigner } from './chunk-signer.ts';

/** How the body is framed and what it has been promised to be. */
export type PayloadPlan =
  | {
      readonly kind: 'plain';
      /** In lower-case hexadecimal; undefined when the payload is not signed. */
      readonly sha256: string | undefined;
    }
  | {
      readonly kind: 'chunked';
      /** Undefined when the chunks carry no signatures. Good for one body. */
      readonly signer: ChunkSigner | undefined;
      readonly hasTrailer: boolean;
      /** What x-amz-decoded-content-length promises. */
      readonly decodedBytes: number;
    };
