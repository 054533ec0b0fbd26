import { summary } from '../kit/measure/statistics.ts';
import type { Figure } from './figure.ts';

const labelWidth = 44;
const numberWidth = 9;

export function printFigures(figures: readonly Figure[]): void {
  const heads = ['median', 'lowest', 'highest'].map((head) => head.padStart(numberWidth)).join('');
  console.log(`\n${''.padEnd(labelWidth)}${heads}  unit`);
  for (const { label, unit, values } of figures) {
    if (values.length === 0) continue;
    const { median, min, max } = summary(values);
    const numbers = (values.length === 1 ? [median] : [median, min, max]).map((value) => rounded(value));
    const cells = [0, 1, 2].map((index) => (numbers[index] ?? '').padStart(numberWidth)).join('');
    console.log(`${label.padEnd(labelWidth)}${cells}  ${unit}`);
  }
}

/** Three digits that say something. */
export function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
