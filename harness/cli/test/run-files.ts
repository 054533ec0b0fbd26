import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { pathToFileURL } from 'node:url';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { fileTimeoutVariable } from '../../kit/testing/run-settings.ts';
import { renderError } from './render-error.ts';

export interface FilesToRun {
  readonly files: readonly string[];
  /** Files at a time. */
  readonly workers: number;
  readonly environment: Readonly<Record<string, string>>;
  /** A file that runs longer than this ends and counts as failed. */
  readonly fileTimeoutMs: number;
  /** For a test that sets none itself. */
  readonly testTimeoutMs: number;
  readonly cwd: string;
}

/** What happens while test files run, in the order in which it happens. */
export type FileEvent =
  | { readonly type: 'file started' | 'file ended'; readonly file: string; readonly durationMs: number }
  | { readonly type: 'test started'; readonly file: string; readonly name: string }
  | ({ readonly type: 'test ended'; readonly file: string; readonly name: string } & TestEnd)
  | { readonly type: 'output'; readonly file: string; readonly text: string };

export interface TestEnd {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  readonly failure: string | null;
  readonly reason: string | null;
}

/** The name under which a file fails whose process went wrong. */
export const wholeFile = '(file)';

const endOfFile = pathToFileURL(join(repositoryRoot, 'harness/kit/testing/end-of-file.ts')).href;

export const defaultWorkers = availableParallelism();

/** Runs each file in a process of its own, by node:test. */
export async function* runFiles(wanted: FilesToRun): AsyncGenerator<FileEvent> {
  const stopped = new AbortController();
  const forgetStopper = stopOnSignal(async () => stopped.abort());
  const events = run({
    signal: stopped.signal,
    files: [...wanted.files],
    concurrency: wanted.workers,
    isolation: 'process',
    // node:test hands this limit down to each test and has none for a whole file, so a file sees to that itself.
    timeout: wanted.testTimeoutMs,
    execArgv: ['--import', endOfFile],
    env: { ...process.env, ...wanted.environment, [fileTimeoutVariable]: String(wanted.fileTimeoutMs) },
    cwd: wanted.cwd,
  });
  const tests = new TestTree();
  try {
    for await (const event of events as AsyncIterable<NodeTestEvent>) {
      // What is told after a stop is only that it was stopped.
      if (!stopped.signal.aborted) yield* tests.take(event);
    }
  } finally {
    forgetStopper();
  }
}

/** The parts of node:test's events that are read here. */
interface NodeTestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly file?: string;
    /** Missing on the events of a file as a whole. */
    readonly entryFile?: string;
    /** Missing on the failure of a hook of the file, which is no test. */
    readonly testId?: number;
    readonly parentId: number;
    readonly message: string;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details: {
      readonly type?: string;
      readonly duration_ms: number;
      readonly error?: TestError;
      passed: boolean;
    };
  };
}

interface TestError extends Error {
  readonly failureType?: string;
}

/** Knows the names of parents, and which tests have children: those are not counted beside them. */
class TestTree {
  readonly #names = new Map<string, string>();
  readonly #parents = new Set<string>();

  *take({ type, data }: NodeTestEvent): Generator<FileEvent> {
    const file = data.entryFile ?? data.file ?? '';
    if (type === 'test:stdout' || type === 'test:stderr') yield { type: 'output', file, text: data.message };
    else if (data.entryFile === undefined) yield* this.#wholeFile(type, data, file);
    // What node:test says of a file beside its tests, such as what was thrown when they had ended.
    else if (type === 'test:diagnostic') yield { type: 'output', file, text: `${data.message}\n` };
    else if (type === 'test:fail' && data.testId === undefined) yield this.#hookOfFile(data, file);
    else if (type === 'test:dequeue') yield* this.#started(data, file);
    else if (type === 'test:complete') yield* this.#ended(data, file);
  }

  *#wholeFile(type: string, data: NodeTestEvent['data'], file: string): Generator<FileEvent> {
    if (type === 'test:dequeue') yield { type: 'file started', file, durationMs: 0 };
    if (type !== 'test:complete') return;
    const { error, duration_ms: durationMs } = data.details;
    // Failed tests have been told already; anything else means that the process itself went wrong.
    if (error !== undefined && error.failureType !== 'subtestsFailed') {
      const failure = `the file as a whole failed: ${renderError(error)}`;
      yield { type: 'test ended', file, name: wholeFile, outcome: 'failed', durationMs, failure, reason: null };
    }
    yield { type: 'file ended', file, durationMs };
  }

  /** What `after` of a file fails with is told by this event alone: the file as a whole then counts as passed. */
  #hookOfFile({ details }: NodeTestEvent['data'], file: string): FileEvent {
    const failure = `a hook of the file failed: ${renderError(details.error)}`;
    const { duration_ms: durationMs } = details;
    return { type: 'test ended', file, name: wholeFile, outcome: 'failed', durationMs, failure, reason: null };
  }

  *#started(data: NodeTestEvent['data'], file: string): Generator<FileEvent> {
    const parent = `${file}#${data.parentId}`;
    const parentName = this.#names.get(parent);
    const name = parentName === undefined ? data.name : `${parentName} › ${data.name}`;
    this.#parents.add(parent);
    this.#names.set(`${file}#${data.testId}`, name);
    yield { type: 'test started', file, name };
  }

  *#ended(data: NodeTestEvent['data'], file: string): Generator<FileEvent> {
    const key = `${file}#${data.testId}`;
    const { error, duration_ms: durationMs, type } = data.details;
    const isSkipped = data.skip !== undefined && data.skip !== false;
    const hasChildren = this.#parents.has(key);
    // A group that is skipped as a whole tells nothing of the tests in it, so it counts itself.
    const isGroup = hasChildren || (type === 'suite' && !isSkipped);
    if (isGroup && (error === undefined || error.failureType === 'subtestsFailed')) return;
    yield {
      type: 'test ended',
      file,
      name: this.#names.get(key) ?? data.name,
      outcome: error !== undefined ? 'failed' : isSkipped ? 'skipped' : 'passed',
      durationMs,
      failure: error === undefined ? null : renderError(error),
      reason: typeof data.skip === 'string' ? data.skip : null,
    };
  }
}
