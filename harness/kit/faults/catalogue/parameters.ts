import type { PlannedFault } from '../../experiment/plan.ts';
import type { Choices } from '../../seed/choices.ts';

/** What each parameter may be: a whole number from and to, both included, or one of these words. */
export type Ranges = Readonly<
  Record<string, readonly [from: number, to: number] | { readonly oneOf: readonly string[] }>
>;

export function drawn(ranges: Ranges, choices: Choices): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(ranges).map(([name, range]) => [
      name,
      'oneOf' in range ? choices.pick(range.oneOf) : choices.int(...range),
    ]),
  );
}

/** What is wrong with the parameters, in words; empty when nothing is. */
export function parameterProblems(ranges: Ranges, parameters: PlannedFault['parameters']): string[] {
  const unknown = Object.keys(parameters).filter((name) => ranges[name] === undefined);
  const wrong = Object.entries(ranges).flatMap(([name, range]) => {
    const value = parameters[name];
    if ('oneOf' in range) {
      return range.oneOf.some((word) => word === value)
        ? []
        : [`${name} is ${value}, expected ${range.oneOf.join(' or ')}`];
    }
    const [from, to] = range;
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to;
    return fits ? [] : [`${name} is ${value}, expected a whole number from ${from} to ${to}`];
  });
  return [...unknown.map((name) => `it has no parameter ${name}`), ...wrong];
}

/** Of a fault whose parameters were checked. */
export function numberOf({ parameters }: PlannedFault, name: string): number {
  return Number(parameters[name]);
}
