import { S3Error } from './errors.ts';

/**
 * How many entries a page may have, by a parameter such as max-keys: what is beyond `max` is `max`. Throws InvalidArgument
 * for what is no number, or below 0.
 */
export function limitOf(query: ReadonlyMap<string, string>, name: string, byDefault: number, max: number): number {
  const text = query.get(name);
  if (text === undefined || text === '') return byDefault;
  const isWhole = /^[+-]?\d{1,10}$/.test(text);
  if (!isWhole || Number(text) < 0 || Number(text) > 2_147_483_647) {
    const sentence = isWhole
      ? `Argument ${name} must be an integer between 0 and 2147483647`
      : `Provided ${name} not an integer or within integer range`;
    throw new S3Error('InvalidArgument', sentence, { ArgumentName: name, ArgumentValue: text });
  }
  return Math.min(Number(text), max);
}

/** Writes names as encoding-type asks for. Throws InvalidArgument for another type than url. */
export function nameEncoder(query: ReadonlyMap<string, string>): (name: string) => string {
  const type = query.get('encoding-type') || undefined;
  if (type === undefined) return (name) => name;
  if (type !== 'url') {
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
      ArgumentValue: type,
    });
  }
  return encodeName;
}

/** As AWS encodes names: slashes stay, a blank is `+`, and of the marks only those that stay below. */
export function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
