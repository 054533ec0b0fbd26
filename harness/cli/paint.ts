import { styleText } from 'node:util';
import type { Paint } from '../report/summary.ts';

/** Colours where `stream` shows them: a terminal, unless NO_COLOR is set, or FORCE_COLOR. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { stream, validateStream: true });
  return {
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    dim: style('dim'),
    bold: style('bold'),
  };
}
