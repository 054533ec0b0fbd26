import { StoreError } from '../../objects/errors.ts';

/** What a part of a form says of itself (RFC 7578 section 4). */
export interface PartHeaders {
  /** The field's name. */
  readonly name: string;
  /** Absent for an ordinary field. */
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
}

/** Reads the header block of a part, without the empty line behind it. Throws InvalidRequest. */
export function parsePartHeaders(block: Buffer): PartHeaders {
  const fields = new Map<string, string>();
  for (const line of decodeUtf8(block).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw malformed('a part has a header line without a name');
    fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = fields.get('content-disposition');
  if (disposition === undefined) throw malformed('a part has no Content-Disposition');
  const parameters = parseParameters(disposition);
  const name = parameters.get('name');
  if (!/^form-data\b/i.test(disposition) || name === undefined) throw malformed('a part has no field name');
  const extended = parameters.get('filename*');
  return {
    name,
    filename: extended === undefined ? parameters.get('filename') : decodeExtended(extended),
    contentType: fields.get('content-type'),
  };
}

export function malformed(what: string): StoreError {
  return new StoreError('InvalidRequest', `the form is malformed: ${what}`);
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new StoreError('InvalidRequest', 'the form is malformed: a part has a header that is not UTF-8', error);
  }
}

/** `; name="value"` pairs, the values quoted or plain. Clients write a quote in a name as \" or as %22. */
function parseParameters(header: string): Map<string, string> {
  const parameters = new Map<string, string>();
  // A backslash can be read in one way only: were there two, a text of nothing else would be tried in all combinations.
  const pair = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;"\s]+))/gs;
  for (const [, key = '', quoted, plain = ''] of header.matchAll(pair)) {
    const value =
      quoted === undefined
        ? plain
        : quoted
            .replace(/\\(["\\])/g, '$1')
            .replace(/%22/g, '"')
            .replace(/%0D%0A/gi, '\n');
    if (!parameters.has(key.toLowerCase())) parameters.set(key.toLowerCase(), value);
  }
  return parameters;
}

/** `UTF-8''na%C3%AFve` (RFC 8187 section 3.2). */
function decodeExtended(value: string): string {
  const match = /^utf-8'[^']*'(.*)$/i.exec(value);
  if (match === null) throw malformed('filename* is not in UTF-8');
  try {
    return decodeURIComponent(match[1] ?? '');
  } catch (error) {
    throw new StoreError('InvalidRequest', 'the form is malformed: filename* is not percent-encoded UTF-8', error);
  }
}
