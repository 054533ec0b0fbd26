import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Judgement } from '../../kit/experiment/judgement.ts';
import type { HistoryEvent } from '../../kit/history/events.ts';
import { unlessAbsent } from '../../kit/tools/unless-absent.ts';
import { readServiceLog, type ServiceLog } from './service-log.ts';
import { timelineOf } from './timeline.ts';
import { timelinePage } from './timeline-page.ts';

/** Writes the page of a run, with what the logs in `bundleDir` tell, and gives its path: `timeline.html` there. */
export async function writeTimeline(
  bundleDir: string,
  history: readonly HistoryEvent[],
  judgement: Pick<Judgement, 'overall' | 'verdicts'>,
): Promise<string> {
  const file = join(bundleDir, 'timeline.html');
  const logs = await readLogs(join(bundleDir, 'logs'), history);
  await writeFile(file, await timelinePage(timelineOf(history, judgement, logs)));
  return file;
}

async function readLogs(dir: string, history: readonly HistoryEvent[]): Promise<ServiceLog[]> {
  const [run] = history;
  if (run?.type !== 'run') return [];
  const clock = { startedAt: run.startedAt, at: run.at, end: history.at(-1)?.at ?? run.at };
  const names = (await readdir(dir).catch(unlessAbsent)) ?? [];
  return Promise.all(
    names
      .filter((name) => name.endsWith('.log'))
      .map(async (name) =>
        readServiceLog(name.slice(0, -'.log'.length), await readFile(join(dir, name), 'utf8'), clock),
      ),
  );
}
