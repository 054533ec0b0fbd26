/** What the clients of a run do, before a seed has decided it in detail. */
export interface WorkloadOptions {
  readonly kind: WorkloadKind;
  readonly clients: number;
  readonly gateways: number;
  /** Of the keys that clients share; `large objects` takes at most four. */
  readonly keys: number;
  /** Of each client. */
  readonly operationsPerSecond: number;
  readonly seconds: number;
  /** The largest value. Most are much smaller. */
  readonly bytesMax: number;
  readonly skew: KeySkew;
  /** Of the puts of registers, so many in a hundred have a condition. */
  readonly conditionalPerCent: number;
}

export type WorkloadKind =
  /** Puts, gets, heads, deletes and conditional puts on few keys. */
  | 'registers'
  /** Many keys that come and go, and lists of them. */
  | 'sets'
  /** Puts in parts beside plain puts and gets of the same keys. */
  | 'multipart'
  /** Few objects, up to `bytesMax`. */
  | 'large objects'
  /** Uploads, downloads and deletes over `/files`. */
  | 'files'
  /** Users who do all of these. */
  | 'mixed';

/** `uniform`, or Zipf's law: the key of rank r is chosen in proportion to 1 / r^exponent. */
export type KeySkew = 'uniform' | { readonly zipfExponent: number };
