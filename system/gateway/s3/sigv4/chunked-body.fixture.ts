/** Writes bodies as clients frame them, for the decoder to take apart again. */
import { hash } from 'node:crypto';

export interface ChunkedBody {
  /** The last, empty one is added. */
  readonly chunks: readonly Buffer[];
  /** Undefined: a body without trailers. */
  readonly trailers: Readonly<Record<string, string>> | undefined;
}

export interface ChunkSigning {
  readonly seed: string;
  readonly timestamp: string;
  readonly scope: string;
  readonly sign: (stringToSign: string) => Promise<string>;
}

/** Without `signing`, the chunks and the trailers are not signed. */
export async function encodeChunks(body: ChunkedBody, signing?: ChunkSigning): Promise<Buffer> {
  const parts: Buffer[] = [];
  let previous = signing?.seed ?? '';
  const signed = async (kind: string, ...digests: string[]) => {
    if (signing === undefined) return '';
    const lines = [`AWS4-HMAC-SHA256-${kind}`, signing.timestamp, signing.scope, previous, ...digests];
    previous = await signing.sign(lines.join('\n'));
    return previous;
  };
  for (const chunk of [...body.chunks, Buffer.alloc(0)]) {
    const signature = await signed('PAYLOAD', hash('sha256', ''), hash('sha256', chunk));
    const extension = signature === '' ? '' : `;chunk-signature=${signature}`;
    parts.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk);
    if (chunk.length > 0) parts.push(Buffer.from('\r\n'));
  }
  if (body.trailers !== undefined) {
    const lines = Object.entries(body.trailers).map(([name, value]) => `${name}:${value}`);
    parts.push(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
    const canonical = lines.sort().map((line) => `${line}\n`);
    const signature = await signed('TRAILER', hash('sha256', canonical.join('')));
    if (signature !== '') parts.push(Buffer.from(`x-amz-trailer-signature:${signature}\r\n`));
  }
  return Buffer.concat([...parts, Buffer.from('\r\n')]);
}

/** A body as it arrives: cut anywhere, each piece with memory of its own, as from a socket. */
export async function* inPieces(body: Buffer, cuts: readonly number[] = []): AsyncGenerator<Buffer> {
  const ends = [...new Set([...cuts.map((cut) => cut % (body.length + 1)), body.length])].sort((a, b) => a - b);
  let at = 0;
  for (const end of ends) {
    yield Buffer.from(body.subarray(at, end));
    at = end;
  }
}
