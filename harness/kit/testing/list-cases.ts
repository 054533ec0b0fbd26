/**
 * `node list-cases.ts file…` prints, as JSON, which cases each file declares, without running any. A file that
 * cannot be imported is listed with its error; running it will fail the same way, and be counted.
 */
import { pathToFileURL } from 'node:url';
import { beginListing, type DeclaredCase } from './case-list.ts';

export interface ListedFile {
  readonly file: string;
  readonly cases: readonly DeclaredCase[];
  readonly error: string | null;
}

const files: ListedFile[] = [];
for (const file of process.argv.slice(2)) {
  const cases = beginListing();
  const error = await import(pathToFileURL(file).href).then(
    () => null,
    (reason) => String(reason?.stack ?? reason),
  );
  files.push({ file, cases, error });
}
// A plain test() that a file has registered must not run now.
process.stdout.write(`\n${JSON.stringify(files)}\n`, () => process.exit());
