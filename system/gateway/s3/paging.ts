import { S3Error } from './errors.ts';

/** A whole number from 0 on that a client gives as a string; at most `max`, which is also what it is without one. Throws InvalidArgument. */
export function pageNumber(name: string, text: string | undefined, max: number, byDefault = max): number {
  if (text === undefined || text === '') return byDefault;
  if (/^\d{1,10}$/.test(text)) {
    const number = Number(text);
    if (number <= 2_147_483_647) return Math.min(number, max);
  }
  throw new S3Error('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
    ArgumentName: name,
    ArgumentValue: text,
  });
}
