import type { FailpointDeps } from './failpoint.ts';
import type { FailpointCatalogue } from './failpoint-setting.ts';

/** What armed failpoints do to this process: SIGKILL of itself, and SIGUSR2 as the sign to go on. */
export const systemFailpointActions: Pick<FailpointDeps, 'crash' | 'onResume'> = {
  crash: () => void process.kill(process.pid, 'SIGKILL'),
  onResume: (resume) => void process.once('SIGUSR2', resume),
};

/** True when the setting is `list`: the catalogue was written to standard output, as JSON, and that is all there is to do. */
export function asksForList(env: Readonly<Record<string, string | undefined>>, catalogue: FailpointCatalogue): boolean {
  if (env['SEXTANT_FAILPOINTS'] !== 'list') return false;
  const listed = Object.entries(catalogue).map(([name, { file, state }]) => ({ name, file, state }));
  process.stdout.write(`${JSON.stringify(listed)}\n`);
  return true;
}
