import { S3Error } from '../errors.ts';

const unreserved = /^[A-Za-z0-9\-._~]*$/;
const unreservedOrSlash = /^[A-Za-z0-9\-._~/]*$/;
const encodedBytes = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/**
 * A path in the one encoding that is signed. Clients may send others (`~` as `%7E`, `%2f` in lower case, `@` as it
 * is), so it is decoded and encoded anew. S3 keeps `//`, `.` and `..`: they are parts of keys.
 * Throws InvalidURI when a % is not followed by two hexadecimal digits.
 */
export function canonicalPath(rawPath: string): string {
  if (unreservedOrSlash.test(rawPath)) return rawPath === '' ? '/' : rawPath;
  // An encoded slash is, once decoded, a slash of the key like any other.
  return encode(decode(rawPath)).replaceAll('%2F', '/');
}

/** A name or value of a query in the one encoding that is signed. A bare `+` means a blank, as in HTML forms. */
export function canonicalQueryPart(raw: string): string {
  return unreserved.test(raw) ? raw : encode(decode(raw.replaceAll('+', ' ')));
}

/** The text of what canonicalQueryPart encoded. */
export function decodedQueryPart(canonical: string): string {
  return canonical.includes('%') ? decode(canonical).toString('utf8') : canonical;
}

function encode(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += encodedBytes[byte];
  return text;
}

function decode(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let byte = bytes[at] ?? 0;
    if (byte === 0x25) {
      const digits = text.slice(at + 1, at + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw new S3Error('InvalidURI');
      byte = Number.parseInt(digits, 16);
      at += 2;
    }
    // Decoding never gets ahead of reading, so that it may write to where it reads.
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}
