import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import type { DeclaredCase } from '../../kit/testing/case-list.ts';
import type { ListedFile } from '../../kit/testing/list-cases.ts';
import { listingEnvironment, type RunSettings } from '../../kit/testing/run-settings.ts';
import { Complaint } from '../complaint.ts';
import { suiteFiles } from './find-tests.ts';

/** A case and where it lies. */
export interface FoundCase extends DeclaredCase {
  readonly suite: string;
  readonly file: string;
}

export interface Discovery {
  readonly cases: readonly FoundCase[];
  /** Files that cannot be imported. They are run all the same, to be counted as failures. */
  readonly brokenFiles: readonly BrokenFile[];
}

export interface BrokenFile {
  readonly suite: string;
  readonly file: string;
  /** Why, as Node.js tells it. */
  readonly error: string;
}

const listDeadlineMs = 60_000;
const outputBytesMax = 64 * 1024 * 1024;
const lister = join(repositoryRoot, 'harness/kit/testing/list-cases.ts');

type Reach = Pick<RunSettings, 'tier' | 'target'>;

/** Asks the test files of these suites which cases they declare, and how long each may take there. Runs none. */
export async function discover(suites: readonly string[], suitesDir: string, reach: Reach): Promise<Discovery> {
  const found: { cases: FoundCase[]; brokenFiles: BrokenFile[] } = { cases: [], brokenFiles: [] };
  for (const suite of suites) {
    for (const { file, cases, error } of await list(await suiteFiles(suite, suitesDir), reach)) {
      if (error !== null) found.brokenFiles.push({ suite, file, error });
      else if (cases.length === 0) throw new Complaint(`${file} declares no case: suites are made of testCase(...)`);
      found.cases.push(...cases.map((one) => ({ ...one, suite, file })));
    }
  }
  refuseDoubles(found.cases);
  return found;
}

async function list(files: readonly string[], reach: Reach): Promise<ListedFile[]> {
  if (files.length === 0) return [];
  const env = { ...process.env, ...listingEnvironment(reach) };
  const options = { env, timeout: listDeadlineMs, maxBuffer: outputBytesMax };
  const { stdout } = await promisify(execFile)(process.execPath, [lister, ...files], options);
  // Files may print while they are imported, and node:test reports when the process ends.
  const answer = stdout.split('\n').find((line) => line.startsWith('[{"file":'));
  if (answer === undefined) throw new Error(`no list of cases came from ${lister}, but: ${stdout}`);
  return JSON.parse(answer);
}

function refuseDoubles(cases: readonly FoundCase[]): void {
  const files = new Map<string, string>();
  for (const { id, file } of cases) {
    const other = files.get(id);
    if (other !== undefined) throw new Error(`two cases have the id ${id}: in ${other} and in ${file}`);
    files.set(id, file);
  }
}
