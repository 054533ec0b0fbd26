import type { ProgressEvent } from '../../kit/cluster/start-cluster.ts';
import { duration, type Paint } from '../../report/summary.ts';

/** A line for a part that has started or stopped; null for the moments before. */
export function progressLine({ part, state, afterMs }: ProgressEvent, paint: Paint): string | null {
  if (state === 'starting' || state === 'stopping') return null;
  const mark = state === 'ready' ? paint.green('✓') : paint.dim('-');
  return `  ${mark} ${part.padEnd(10)} ${state.padEnd(7)} ${paint.dim(duration(afterMs))}`;
}
