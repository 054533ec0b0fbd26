/**
 * Children must not outlive the harness. Whatever starts processes registers them here; when the harness goes,
 * they go: in order where there is time for it (a signal), at once where there is none (a crash, process.exit).
 */
interface Child {
  readonly pid: number;
  readonly name: string;
}

type StopAll = () => Promise<void>;

const children = new Map<number, Child>();
const stoppers = new Set<StopAll>();
/** Of what the others stand on. */
const lastStoppers = new Set<StopAll>();
let isInstalled = false;
let isStopping = false;

export function rememberChild(pid: number, name: string): void {
  install();
  children.set(pid, { pid, name });
}

export function forgetChild(pid: number): void {
  children.delete(pid);
}

/**
 * `stop` is called when a signal asks the harness to end; of those that come `last`, once all others have stopped. Gives
 * back how to take it off the list.
 */
export function stopOnSignal(stop: StopAll, when: 'first' | 'last' = 'first'): () => void {
  install();
  const list = when === 'last' ? lastStoppers : stoppers;
  list.add(stop);
  return () => list.delete(stop);
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.on('exit', killAllNow);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}

export interface SignalManners {
  /** Default: 128 and the number of the signal, as shells do. */
  readonly exitCode?: number;
  readonly onFirst?: (signal: NodeJS.Signals) => void;
  /** Awaited before anything is stopped: for work that ends in an order of its own. */
  readonly beforeStopping?: () => Promise<void>;
  readonly onSecond?: () => void;
}

let manners: SignalManners = {};

/** For a command that is meant to be ended by Ctrl-C and has something to say then. */
export function onSignals(wanted: SignalManners): void {
  install();
  manners = wanted;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

function onSignal(signal: NodeJS.Signals): void {
  const exitCode = 128 + (signalNumbers[signal] ?? 0);
  if (isStopping) {
    // Somebody does not want to wait; the exit handler ends what is left.
    manners.onSecond?.();
    process.exit(exitCode);
  }
  isStopping = true;
  manners.onFirst?.(signal);
  const isWoundUp = manners.beforeStopping?.().catch(() => {}) ?? Promise.resolve();
  const stopAll = async () => {
    const outcomes = await Promise.allSettled([...stoppers].map((stop) => stop()));
    return [...outcomes, ...(await Promise.allSettled([...lastStoppers].map((stop) => stop())))];
  };
  void isWoundUp.then(stopAll).then((outcomes) => {
    const isClean = outcomes.every(({ status }) => status === 'fulfilled');
    process.exit(isClean ? (manners.exitCode ?? exitCode) : 1);
  });
}

/** Only synchronous work is done while a process exits, so there is no order here and no waiting. */
function killAllNow(): void {
  for (const { pid, name } of children.values()) {
    try {
      // PostgreSQL ends its own children on SIGQUIT; after SIGKILL they would stay for a while.
      process.kill(pid, name === 'postgres' ? 'SIGQUIT' : 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}
