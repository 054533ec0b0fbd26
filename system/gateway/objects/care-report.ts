import type { Metadata } from './ports.ts';
import type { JobState, LostChunk, ProblemKind } from './replica-ports.ts';

const LOST_LISTED_MAX = 100;
/** A job that says nothing for this long has ended with its gateway. */
const SILENT_MS = 30_000;

export interface CareReport {
  readonly repair: RepairFigures;
  readonly problems: Readonly<Record<ProblemKind, number>>;
  readonly lostChunks: number;
  /** At most LOST_LISTED_MAX of them, the longest lost first. */
  readonly lost: readonly LostChunk[];
  /** Undefined before their first run. */
  readonly scrub: ScrubState | undefined;
  readonly census: CensusState | undefined;
}

/** What repair tells operators, through whichever gateway. Counted since the store was made. */
export interface RepairFigures {
  readonly state: 'idle' | 'running';
  readonly pendingChunks: number;
  readonly pendingBytes: number;
  readonly repairedChunks: number;
  readonly repairedBytes: number;
  readonly trimmedReplicas: number;
  readonly failed: number;
}

export const noRepairs: RepairFigures = {
  state: 'idle',
  pendingChunks: 0,
  pendingBytes: 0,
  repairedChunks: 0,
  repairedBytes: 0,
  trimmedReplicas: 0,
  failed: 0,
};

/** One round through everything that is stored. Moments are by the database's clock. */
export interface ScrubState {
  readonly state: 'idle' | 'running';
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  /** The last chunk that was verified. */
  readonly after: string;
  /** Somebody asked for it, so it does not wait for its time. */
  readonly isUrgent: boolean;
  readonly verifiedReplicas: number;
  readonly verifiedBytes: number;
  readonly unreachable: number;
  readonly problems: number;
  /** Bytes of all replicas when the round began. */
  readonly totalBytes: number;
}

/** What one count of the disks found. Moments are by the database's clock. */
export interface CensusState {
  readonly state: 'idle' | 'running';
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly servers: number;
  readonly unreachableServers: number;
  readonly files: number;
  /** Orphans that are too young to be deleted, and those that were queued for it. */
  readonly orphansWaiting: number;
  readonly orphansQueued: number;
  /** Files whose names are not ids of this store: they belong to another program, and are only counted. */
  readonly foreignFiles: number;
  readonly absentReplicas: number;
  readonly adoptedReplicas: number;
}

/** What the jobs of all gateways have written down. */
export async function reportCare(metadata: Metadata): Promise<CareReport> {
  const [repair, scrub, census, problems, lost] = await Promise.all([
    metadata.jobState<RepairFigures>('repair'),
    metadata.jobState<ScrubState>('scrub'),
    metadata.jobState<CensusState>('census'),
    metadata.countProblems(),
    metadata.lostChunks(LOST_LISTED_MAX),
  ]);
  return {
    repair: { ...noRepairs, ...truthful(repair) },
    problems,
    lostChunks: lost.total,
    lost: lost.chunks,
    scrub: truthful(scrub),
    census: truthful(census),
  };
}

function truthful<T extends { readonly state: 'idle' | 'running' }>(job: JobState<T>): T | undefined {
  if (job.state === undefined || job.nowMs - job.updatedAtMs < SILENT_MS) return job.state;
  return { ...job.state, state: 'idle' };
}
