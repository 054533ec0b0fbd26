import type { ExitEvent } from '../history/events.ts';
import type { Checker } from './verdict.ts';
import { holding, undecided, violated } from './verdict-of.ts';

const checker = 'stays-up';

/** A process of the store ends only when it is asked to or killed, whatever else fails around it. */
export const staysUp: Checker = (history) => {
  const exits = history.filter((event) => event.type === 'exit');
  const own = exits.filter((exit) => !isOfOthers(exit));
  if (own.length > 0) return violated(checker, own.map(inWords).join('; '), []);
  if (exits.length > 0) return undecided(checker, `${exits.map(inWords).join('; ')}, and it cannot be told why`);
  return holding(checker, 'no process ended by itself');
};

/** SIGKILL and SIGTERM come from outside: from the kernel that is out of memory, or from a person. The database is not the store. */
function isOfOthers({ node, signal }: ExitEvent): boolean {
  return node === 'postgres' || signal === 'SIGKILL' || signal === 'SIGTERM';
}

function inWords({ node, code, signal }: ExitEvent): string {
  return `${node} ended by itself with ${signal ?? `code ${code}`}`;
}
