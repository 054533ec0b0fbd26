import { InvalidArgumentError } from 'commander';

// How values of the command line are read. Each throws InvalidArgumentError, which commander prints.

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

export function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber);
}

/** Reads a list, by comma, of some of `all`. */
export function someOf<Name extends string>(all: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    text.split(',').map((name) => {
      const known = all.find((one) => one === name.trim());
      if (known === undefined) throw new InvalidArgumentError(`They are ${all.join(', ')}.`);
      return known;
    });
}
