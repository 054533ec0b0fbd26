/** What a process that was started with the preload is told to do wrong. Every field counts until it is changed. */
export interface Control {
  /** Grows with every change. */
  readonly revision: number;
  /** Added to the wall clock. */
  readonly clockMs: number;
  /** Every read, write, flush and rename in the data folder takes so much longer. */
  readonly diskDelayMs: number;
  /** Reads of so many of a hundred chunk files fail with EIO: always the same files. */
  readonly readErrorsPerCent: number;
  /** Writes and flushes in the data folder fail so; '' for not at all. */
  readonly writeError: '' | 'EIO' | 'ENOSPC';
}

export const nothingWrong: Control = {
  revision: 0,
  clockMs: 0,
  diskDelayMs: 0,
  readErrorsPerCent: 0,
  writeError: '',
};

/** What the process answers, so that nobody has to believe that it obeys. */
export interface Obeyed {
  /** Another one for each start; process ids are no use, since the first of a container is always 1. */
  readonly life: string;
  readonly revision: number;
  /** Operations on the disk that failed by order, since the process began. */
  readonly failed: number;
  /** Operations that were delayed by order. */
  readonly delayed: number;
}

/** Names the control file; the answer lies beside it. */
export const controlVariable = 'HARNESS_CONTROL_FILE';

export function answerFile(controlFile: string): string {
  return `${controlFile}.obeyed`;
}
