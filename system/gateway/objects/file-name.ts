import { StoreError } from './errors.ts';

const FILE_NAME_CHARACTERS_MAX = 255;
const CONTENT_TYPE_CHARACTERS_MAX = 255;

/** Returns `name` when it can be a file's name: any script, no path, no control characters. Throws InvalidName. */
export function checkFileName(name: string): string {
  const characters = [...name].length;
  if (characters === 0) throw new StoreError('InvalidName', 'the filename is empty');
  if (characters > FILE_NAME_CHARACTERS_MAX)
    throw new StoreError(
      'InvalidName',
      `the filename has ${characters} characters; at most ${FILE_NAME_CHARACTERS_MAX} are allowed`,
    );
  if (/[/\\]/.test(name) || name === '.' || name === '..')
    throw new StoreError('InvalidName', 'the filename is a path; send the name alone');
  // PostgreSQL stores no NUL, and a line break in a name would break headers; lone surrogates are no text.
  if (/\p{Cc}/u.test(name) || !name.isWellFormed())
    throw new StoreError('InvalidName', 'the filename contains control characters or broken text');
  return name;
}

/** Returns `type` when it is a media type that can be sent back as it came (RFC 9110 section 8.3.1). Throws InvalidRequest. */
export function checkContentType(type: string): string {
  const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  const legal = new RegExp(`^${token}/${token}[ \\t]*(;[\\x20-\\x7e\\t]*)?$`);
  if (type.length <= CONTENT_TYPE_CHARACTERS_MAX && legal.test(type)) return type;
  throw new StoreError('InvalidRequest', 'the Content-Type of the file is not a media type such as image/png');
}
