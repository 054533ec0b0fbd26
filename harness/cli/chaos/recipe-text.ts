import type { Recipe } from '../../kit/scenarios/scenario.ts';

const KiB = 1024;

/** What the workload and the faults of a plan were made from. */
export function recipeText({ workload, faults, hasLinks }: Recipe): string {
  const { kind, keys, operationsPerSecond, bytesMax, skew, conditionalPerCent } = workload;
  const skewText = skew === 'uniform' ? 'each as often as another' : `by Zipf's law, exponent ${skew.zipfExponent}`;
  const names = faults.map((one) => (typeof one === 'string' ? one : one.name));
  return [
    `  recipe  ${kind}: ${keys} keys, ${skewText}, up to ${bytesMax / KiB} KiB, ${operationsPerSecond} a second each, ${conditionalPerCent} % conditional`,
    `          ${names.length === 0 ? 'no faults' : names.join(' + ')}${hasLinks ? ', links too' : ''}`,
  ].join('\n');
}
