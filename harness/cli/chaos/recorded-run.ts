import { checkAll, type Judged } from '../../kit/checkers/check-all.ts';
import { historyOf } from '../../kit/experiment/bundle.ts';
import { type HistoryFile, readHistory } from '../../kit/history/read-history.ts';
import { usualLimits } from '../../kit/scenarios/scenario.ts';
import { Complaint } from '../complaint.ts';
import { fromUsersFolder } from '../data-dir.ts';

export interface RecordedRun extends HistoryFile {
  /** The folder of the history. */
  readonly dir: string;
  readonly judged: Judged;
}

/** Judges what a run has left, by the limits of the plan beside it or by the usual ones. Throws Complaint where no history is. */
export async function judgeRecorded(path: string): Promise<RecordedRun> {
  const { dir, text, plan } = await historyOf(fromUsersFolder(path)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Complaint(`${path} has no history: ${error.message}`) : error;
  });
  const file = readHistory(text);
  return { dir, ...file, judged: checkAll(file.events, plan?.limits ?? usualLimits) };
}
