/**
 * What one run leaves to be judged: events in the order in which they were observed, one JSON object a line. Operations are
 * written as Jepsen does it: `invoke` before the request is sent, then one of `ok`, `fail`, `info`, or none when the run ended first.
 */
export type HistoryEvent =
  | RunEvent
  | InvokeEvent
  | EndEvent
  | FaultEvent
  | ExitEvent
  | PhaseEvent
  | RecoveryEvent
  | VersionsEvent
  | CensusEvent
  | ClearedEvent;

/** Monotonic, in whole microseconds since the run began. */
export type Micros = number;

/** The first line. */
export interface RunEvent {
  readonly type: 'run';
  readonly format: 1;
  readonly at: Micros;
  readonly seed: string;
  readonly scenario: string;
  /** Wall clock at `at`, ISO 8601: to find the place in the logs. */
  readonly startedAt: string;
}

export interface InvokeEvent {
  readonly type: 'invoke';
  readonly at: Micros;
  /** Unique in the run. */
  readonly op: number;
  /** Of the client, which does one thing at a time: `client-3`. */
  readonly process: string;
  /** The node it was sent to: `gateway-1`. */
  readonly node: string;
  readonly call: Call;
}

/**
 * `ok`: it took effect, and `seen` is what it saw. `fail`: it certainly had no effect, now or later. `info`: nobody knows; it may
 * still take effect at any later time.
 */
export interface EndEvent {
  readonly type: 'ok' | 'fail' | 'info';
  readonly at: Micros;
  readonly op: number;
  /** `200`, `412 PreconditionFailed`, `ECONNRESET`, `NoAnswer`. */
  readonly answer: string;
  /** The store's id of the request, by which its logs are searched; null where none came. */
  readonly trace: string | null;
  /** With `ok` alone; null where there is nothing to see. */
  readonly seen: Seen | null;
}

/** Unique in the run, and the whole content follows from it: two writes never store the same bytes. */
export type ValueId = string;

/** What must hold for a write to take effect: the ETag of that value, or that there is no object. */
export type Condition = { readonly ifMatch: ValueId } | { readonly ifNoneMatch: '*' };

/** `/files` has no keys: there, `key` is the filename, and every upload takes a new one. */
export type Call = { readonly via: 's3' | 'files' } & (
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: ValueId;
      readonly bytes: number;
      /** 1: a plain put. More: a multipart upload, whose Complete is the write. */
      readonly parts: number;
      readonly condition: Condition | null;
    }
  | { readonly kind: 'get'; readonly key: string; readonly range: ByteRange | null }
  | { readonly kind: 'head'; readonly key: string }
  | { readonly kind: 'delete'; readonly key: string }
  /** Of all keys with this prefix, over all pages. */
  | { readonly kind: 'list'; readonly prefix: string }
);

/** Both ends included, as in RFC 9110 section 14.1.2. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export type Seen =
  /** Of a put or a delete that took effect. `version` is x-amz-version-id, null in a bucket without versions. */
  | {
      readonly kind: 'written';
      readonly version: string | null;
      /** What the acknowledgement of a put says that is not so, in words: an ETag that is not that of what was sent. */
      readonly wrong?: string;
    }
  /** 412: at one moment between invoke and end the condition did not hold, and nothing was written. */
  | { readonly kind: 'refused' }
  /** 404. */
  | { readonly kind: 'absent' }
  | Content
  | {
      readonly kind: 'keys';
      readonly keys: readonly { readonly key: string; readonly value: ValueId | null }[];
      /** Of `/files`, whose pages go by number: in how many answers they came. */
      readonly pages?: number;
    };

/** What a get or head found. */
export interface Content {
  readonly kind: 'content';
  /** Whose bytes they are, or by their ETag seem to be; null where they are no value of the run. */
  readonly value: ValueId | null;
  readonly version: string | null;
  /** Null where the bytes are those of `value`, wholly (of a head: where length and ETag are). Else what is wrong, in words. */
  readonly wrong: string | null;
}

export interface FaultEvent {
  readonly type: 'fault';
  readonly at: Micros;
  /** Of the plan. */
  readonly fault: string;
  /** `starting` before the first step, `started` after the last, so that what came between is known to overlap. */
  readonly state: 'starting' | 'started' | 'stopping' | 'stopped' | 'failed';
  /** What it did, and to whom: `node-2 is killed`. */
  readonly what: string;
}

export type Phase = 'load' | 'heal' | 'recover' | 'final reads' | 'census' | 'clear';

export interface PhaseEvent {
  readonly type: 'phase';
  readonly at: Micros;
  readonly phase: Phase;
}

/** A process that served, and that nobody had asked to end, ended. */
export interface ExitEvent {
  readonly type: 'exit';
  readonly at: Micros;
  /** `gateway-1`, `node-3`, `postgres`. */
  readonly node: string;
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

/** After all faults were healed the store serves again, or does not within the time it was given. */
export interface RecoveryEvent {
  readonly type: 'recovered' | 'not recovered';
  readonly at: Micros;
}

/** In a bucket that has versions, at the end: all that are listed of the keys of the plan, the old ones too. */
export interface VersionsEvent {
  readonly type: 'versions';
  readonly at: Micros;
  readonly versions: readonly ListedVersion[];
}

export interface ListedVersion {
  readonly key: string;
  readonly version: string;
  /** What a read of it found; null of a delete marker. */
  readonly content: Content | null;
}

/** What lies on the disks beside what the tables say, after the store had time to mend and to clean up. */
export interface CensusEvent {
  readonly type: 'census';
  readonly at: Micros;
  /** Chunk files that no row accounts for. */
  readonly orphans: readonly string[];
  /** Replicas that a row promises and no disk holds whole. */
  readonly missing: readonly string[];
  /** Rows of uploads that ended long ago, parts of no upload and other leavings. */
  readonly leaked: readonly string[];
}

/** Everything that clients had stored was deleted, and the store had time to give its space back. */
export interface ClearedEvent {
  readonly type: 'cleared';
  readonly at: Micros;
  /** What is still in the tables or on the disks, or could not be deleted. Null: the data was to stay, and nothing was deleted. */
  readonly left: readonly string[] | null;
}
