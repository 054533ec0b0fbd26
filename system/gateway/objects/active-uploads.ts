import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import { StoreError } from './errors.ts';
import type { Metadata } from './ports.ts';

/** How old the progress that others see may be. One statement for all uploads. */
const PROGRESS_MS = 2_000;

interface ActiveUpload {
  readonly receivedBytes: () => number;
  readonly abort: (reason: StoreError) => void;
}

/**
 * Keeps the sessions of this gateway's running uploads alive, and their progress visible. When the gateway dies, nobody renews them, and
 * cleanup takes them once the lease is over: that is how an upload that nobody finishes gives its space back.
 */
export class ActiveUploads implements Disposable {
  readonly leaseMs: number;
  readonly #metadata: Metadata;
  readonly #log: Logger;
  readonly #uploads = new Map<string, ActiveUpload>();
  readonly #timer: Disposable;
  #renewing = false;
  #failing = false;

  constructor(deps: { metadata: Metadata; clock: Clock; log: Logger }, leaseMs: number) {
    this.leaseMs = leaseMs;
    this.#metadata = deps.metadata;
    this.#log = deps.log;
    // At least three chances to renew before the lease is over.
    const timer = deps.clock.every(Math.min(PROGRESS_MS, leaseMs / 3), () => void this.#renew());
    this.#timer = { [Symbol.dispose]: () => timer.cancel() };
  }

  get count(): number {
    return this.#uploads.size;
  }

  /** Renews the session until disposed; aborts the upload when its session was ended by somebody else. */
  track(sessionId: string, upload: ActiveUpload): Disposable {
    this.#uploads.set(sessionId, upload);
    return { [Symbol.dispose]: () => void this.#uploads.delete(sessionId) };
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  async #renew(): Promise<void> {
    if (this.#renewing || this.#uploads.size === 0) return;
    this.#renewing = true;
    const progress = [...this.#uploads].map(([sessionId, upload]) => ({
      sessionId,
      receivedBytes: upload.receivedBytes(),
    }));
    try {
      const alive = new Set(await this.#metadata.renewSessions(progress, this.leaseMs));
      this.#failing = false;
      for (const { sessionId } of progress) {
        if (!alive.has(sessionId)) this.#uploads.get(sessionId)?.abort(sessionEnded());
      }
    } catch (error) {
      // The commit is conditional on the session, so a lease that runs out meanwhile costs the upload, not the data.
      this.#log[this.#failing ? 'debug' : 'warn'](
        { err: error, uploads: progress.length },
        'upload sessions could not be renewed',
      );
      this.#failing = true;
    } finally {
      this.#renewing = false;
    }
  }
}

export function sessionEnded(): StoreError {
  return new StoreError('StorageFailed', 'the upload took too long to be kept and was given up; send the file again');
}
