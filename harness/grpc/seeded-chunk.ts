import type { NodeClient } from '../kit/clients/node-client.ts';
import { seededBytes, seededSha256 } from '../kit/seed/seeded-bytes.ts';
import { type SeededVerdict, verifySeeded } from '../kit/seed/verify-seeded.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';

export const KiB = 1024;
export const MiB = 1024 * KiB;

interface PutOptions {
  /** Bytes of data in one message. */
  readonly messageBytes?: number;
  readonly withCrc?: boolean;
  /** Sent in the last message; default: the true one. */
  readonly checksum?: string;
  readonly deadlineMs?: number;
}

/** A chunk whose bytes the case's seed decides, so that nobody has to keep them. */
export class SeededChunk {
  readonly chunkId: string;
  readonly sizeBytes: number;
  /** Decides the bytes; see seeded-bytes.ts. */
  readonly dataSeed: string;
  #sha256: string | undefined;

  /** The id is of this case and this seed alone: the nodes of a cluster are shared with other cases. */
  constructor(ctx: CaseContext, label: string, sizeBytes: number) {
    this.chunkId = `${chunkIdPrefix(ctx)}${label}`;
    this.sizeBytes = sizeBytes;
    this.dataSeed = `${ctx.seed}/${label}`;
  }

  data(messageBytes = MiB): Generator<Buffer> {
    return seededBytes(this.dataSeed, this.sizeBytes, { pieceBytes: messageBytes });
  }

  sha256(): string {
    this.#sha256 ??= seededSha256(this.dataSeed, this.sizeBytes);
    return this.#sha256;
  }

  putTo(client: NodeClient, { messageBytes, withCrc = true, checksum, deadlineMs }: PutOptions = {}) {
    return client.putChunk(
      { chunkId: this.chunkId, data: this.data(messageBytes), withCrc, checksum: checksum ?? (() => this.sha256()) },
      deadlineMs === undefined ? {} : { deadlineMs },
    );
  }

  /** Reads the whole chunk and compares every byte as it comes. Throws ServiceError when the node breaks off. */
  readFrom(client: NodeClient): Promise<SeededVerdict> {
    return this.compare(client.getChunk({ chunkId: this.chunkId }));
  }

  compare(stream: AsyncIterable<Uint8Array>): Promise<SeededVerdict> {
    return verifySeeded(stream, this.dataSeed, this.sizeBytes);
  }
}

/** What the ids of all chunks of a case begin with. */
export function chunkIdPrefix(ctx: CaseContext): string {
  return `${ctx.id}-${ctx.seed.replaceAll('/', '-')}-`;
}
