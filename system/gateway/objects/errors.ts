/**
 * Every failure that a client of the store can meet, whatever the protocol. http/ and s3/ each render
 * this catalogue in one place, exhaustively.
 */
export type StoreErrorCode =
  | 'InvalidRequest' // malformed in a way the message explains
  | 'InvalidName' // a file name that is empty, too long, or a path
  | 'EmptyFile'
  | 'TooLarge'
  | 'IncompleteBody' // the body ended before, or went on after, what was declared
  | 'FileNotFound'
  | 'RangeNotSatisfiable'
  | 'PreconditionFailed'
  | 'Unauthorized'
  | 'ServerNotFound' // no storage server has this id
  | 'AccessKeyNotFound' // no account has this S3 key
  | 'TooFewServersLeft' // what was asked would leave fewer storage servers than every chunk has replicas
  | 'ServerRefused' // a node that must not be a storage server, or not now
  | 'ClientGone' // nobody is left to answer; logged, never rendered
  | 'ClientTooSlow' // no byte within the idle limit
  | 'Overloaded' // a bound was reached; the client should come back
  | 'TooFewNodes' // not enough healthy nodes for the replicas asked for
  | 'StorageFailed' // nodes failed while the data was being written
  | 'DataUnavailable' // no replica of a chunk can be reached now
  | 'DataDamaged' // no undamaged replica of a chunk is left
  | 'DatabaseUnavailable'
  | 'OutcomeUnknown'; // the commit was sent and its answer lost: it happened whole, or not at all

/** Seconds after which a client should try again, for the codes where trying again helps. */
export const retryAfterSeconds: Partial<Record<StoreErrorCode, number>> = {
  Overloaded: 1,
  TooFewNodes: 5,
  StorageFailed: 1,
  DataUnavailable: 5,
  DatabaseUnavailable: 2,
  OutcomeUnknown: 2,
};

export class StoreError extends Error {
  override name = 'StoreError';
  readonly code: StoreErrorCode;
  /** `message` is for the client and names no host, path or query; `cause` is for the log. */
  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
