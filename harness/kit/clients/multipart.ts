/**
 * multipart/form-data (RFC 7578) by hand, so that a test can also send a form that no library would build.
 */
export interface FormPart {
  /** The whole header lines of the part, without the empty line behind them. */
  readonly headers: readonly string[];
  /** Undefined: the length of this part is not known beforehand. */
  readonly sizeBytes: number | undefined;
  readonly data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Form {
  readonly contentType: string;
  /** Of the whole body; undefined when a part's is. */
  readonly sizeBytes: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export const defaultBoundary = '----sextant-harness-5b1f0c7e2a9d';

export function form(parts: readonly FormPart[], boundary = defaultBoundary): Form {
  const opening = (part: FormPart) => Buffer.from(`--${boundary}\r\n${part.headers.join('\r\n')}\r\n\r\n`);
  const partEnd = Buffer.from('\r\n');
  const closing = Buffer.from(`--${boundary}--\r\n`);

  async function* body(): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      yield opening(part);
      yield* part.data;
      yield partEnd;
    }
    yield closing;
  }
  const partBytes = parts.map((part) => sum([opening(part).length, part.sizeBytes, partEnd.length]));
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    sizeBytes: sum([...partBytes, closing.length]),
    body: body(),
  };
}

/** A part with a file, its name written as browsers do it. */
export function filePart(file: {
  readonly filename: string;
  readonly data: FormPart['data'];
  readonly sizeBytes?: number | undefined;
  readonly contentType?: string | undefined;
  /** Default `file`. */
  readonly field?: string | undefined;
}): FormPart {
  const name = quoted(file.field ?? 'file');
  return {
    headers: [
      `Content-Disposition: form-data; name=${name}; filename=${quoted(file.filename)}`,
      `Content-Type: ${file.contentType ?? 'application/octet-stream'}`,
    ],
    sizeBytes: file.sizeBytes,
    data: file.data,
  };
}

/** A part with a plain text value. */
export function textPart(field: string, value: string): FormPart {
  const data = Buffer.from(value);
  return {
    headers: [`Content-Disposition: form-data; name=${quoted(field)}`],
    sizeBytes: data.length,
    data: [data],
  };
}

/** What browsers escape in a quoted name: the quote and line ends (WHATWG HTML, multipart/form-data encoding). */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}"`;
}

function sum(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.reduce<number | undefined>(
    (total, size) => (total === undefined || size === undefined ? undefined : total + size),
    0,
  );
}
