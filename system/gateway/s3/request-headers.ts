import { S3Error } from './errors.ts';

/**
 * The headers of a request by their names in lower case; of a name that came twice, the values joined by commas. Node
 * reads each byte of a value as one character: values that are UTF-8 become it here, others stay as they are.
 */
export function readHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = fromWire(rawHeaders[at + 1] ?? '');
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

/** Back again, for an answer. */
export function toWire(value: string): string {
  return isAscii(value) ? value : Buffer.from(value).toString('latin1');
}

/** A value that comes from elsewhere than a header and becomes one. Throws InvalidArgument for line breaks and the like. */
export function headerValue(name: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no header may have (RFC 9110 section 5.5).
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    throw new S3Error('InvalidArgument', 'The value cannot be sent as a header.', { ArgumentName: name });
  }
  return value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function fromWire(value: string): string {
  if (isAscii(value)) return value;
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

function isAscii(value: string): boolean {
  return /^[\t -~]*$/.test(value);
}
