/** Every way in which the store can refuse or fail. grpc/status.ts renders this catalogue, exhaustively. */
export type ChunkErrorCode =
  | 'InvalidRequest' // malformed in a way the message explains
  | 'OutOfRange' // an offset beyond the end of the chunk
  | 'ChunkNotFound'
  | 'ChunkExists' // other bytes are stored under this id
  | 'CorruptedInTransit' // what arrived is not what its CRC or its SHA-256 says was sent
  | 'ChunkDamaged' // what the disk gives back is not what was written
  | 'UnknownFormat' // an undamaged file of a version that this program does not read
  | 'NoSpace' // the disk or the quota is full
  | 'TooBusy' // as many streams run as memory allows
  | 'DiskFailed'; // the disk cannot be written for another reason than space

export class ChunkError extends Error {
  override name = 'ChunkError';
  readonly code: ChunkErrorCode;
  /** `message` is for the client and names no path; `cause` is for the log. */
  constructor(code: ChunkErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
