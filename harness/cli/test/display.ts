import { stripVTControlCharacters } from 'node:util';
import type { TestResult } from '../../report/results.ts';
import { duration, failureText, type Paint } from '../../report/summary.ts';
import type { Progress } from './progress.ts';

const redrawMs = 200;
const heartbeatMs = 30_000;
const clearLine = '\r\u001b[2K';
/** A line that nobody reads to its end tells nothing. */
const notesOnALine = 6;

/**
 * What a person sees while the run goes on. On a terminal the last line is alive: it is redrawn five times a
 * second and gives way to the lines that stay. Elsewhere (CI) there are only lines that stay, and a sign of
 * life every half minute.
 */
export class Display implements Disposable {
  readonly #out: NodeJS.WriteStream;
  readonly #paint: Paint;
  readonly #progress: Progress;
  readonly #isVerbose: boolean;
  readonly #timer: NodeJS.Timeout;

  constructor(out: NodeJS.WriteStream, paint: Paint, progress: Progress, isVerbose: boolean) {
    this.#out = out;
    this.#paint = paint;
    this.#progress = progress;
    this.#isVerbose = isVerbose;
    this.#timer = out.isTTY ? setInterval(() => this.#draw(), redrawMs) : setInterval(() => this.#beat(), heartbeatMs);
    this.#timer.unref();
  }

  /** A line that stays. */
  say(text: string): void {
    if (this.#out.isTTY) this.#out.write(clearLine);
    this.#out.write(`${text}\n`);
    if (this.#out.isTTY) this.#draw();
  }

  /** A case, or one unit test. */
  ended(result: TestResult): void {
    const isUnit = result.id === null;
    if (result.outcome === 'failed') this.say(failureText(result, this.#paint));
    else if (!isUnit || this.#isVerbose) this.say(this.#resultLine(result));
  }

  fileEnded(label: string, results: readonly TestResult[], durationMs: number): void {
    const failed = results.filter(({ outcome }) => outcome === 'failed').length;
    // On a terminal the live line says enough about unit tests; they come by the hundred.
    if (this.#out.isTTY && !this.#isVerbose) return;
    const mark = failed > 0 ? this.#paint.red('✗') : this.#paint.green('✓');
    const failures = failed > 0 ? `, ${failed} failed` : '';
    this.say(`${mark} ${label} ${this.#paint.dim(`(${results.length} tests${failures}, ${duration(durationMs)})`)}`);
  }

  output(file: string, text: string): void {
    if (this.#isVerbose) for (const line of text.trimEnd().split('\n')) this.say(this.#paint.dim(`  ${file}: ${line}`));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#out.isTTY) this.#out.write(clearLine);
  }

  #resultLine(result: TestResult): string {
    const marks = {
      passed: this.#paint.green('✓'),
      failed: this.#paint.red('✗'),
      skipped: this.#paint.yellow('-'),
      'not checked': this.#paint.yellow('?'),
    };
    const shown = result.notes.slice(0, notesOnALine);
    const notes = shown.map(({ label, value }) => `${typeof value === 'number' ? round(value) : value} ${label}`);
    const left = result.notes.length - shown.length;
    if (left > 0) notes.push(`${left} more figures at the end`);
    const aside = [duration(result.durationMs), ...(result.reason === null ? [] : [result.reason]), ...notes].join(
      ', ',
    );
    return `${marks[result.outcome]} ${result.suite} › ${result.name} ${this.#paint.dim(`(${aside})`)}`;
  }

  #draw(): void {
    const line = this.#progress.line(this.#paint);
    const isTooLong = stripVTControlCharacters(line).length >= this.#out.columns;
    this.#out.write(`${clearLine}${isTooLong ? stripVTControlCharacters(line).slice(0, this.#out.columns - 1) : line}`);
  }

  #beat(): void {
    this.#out.write(`… ${this.#progress.line(this.#paint)}\n`);
  }
}

function round(value: number): number {
  return Math.abs(value) < 10 ? Math.round(value * 1000) / 1000 : Math.round(value * 10) / 10;
}
