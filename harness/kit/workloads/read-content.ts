import type { IncomingMessage } from 'node:http';
import type { ByteRange, Content } from '../history/events.ts';
import type { KnownValues } from './known-values.ts';
import { MalformedAnswer } from './outcome.ts';
import { ValueVerifier } from './value-verifier.ts';

/**
 * Reads the body of a successful get and tells whose bytes they are. Nothing is kept but the piece at hand. A body that breaks
 * off is thrown as what the connection failed with, unless what came until then was wrong already.
 */
export async function readContent(
  response: IncomingMessage,
  known: KnownValues,
  range: ByteRange | null,
): Promise<Content> {
  const { etag, 'content-range': contentRange } = response.headers;
  const verifier = new ValueVerifier(known, { etag, range, contentRange, version: versionOf(response) });
  for await (const piece of response as AsyncIterable<Buffer>) {
    verifier.push(piece);
    // Leaving the loop destroys the rest of the answer.
    if (verifier.isWrong) break;
  }
  return verifier.end();
}

/** What the head of an answer without a body says. */
export function describedContent(
  { headers }: Pick<IncomingMessage, 'headers'>,
  known: KnownValues,
  version: string | null,
): Content {
  const { etag, 'content-length': length } = headers;
  const value = known.valueOfEtag(etag);
  if (value === null)
    return { kind: 'content', value: null, version, wrong: `no value of this run has its ETag, ${etag}` };
  const wrong = length === String(value.bytes) ? null : `it has ${length} bytes and must have ${value.bytes}`;
  return { kind: 'content', value: value.id, version, wrong };
}

export function versionOf({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  return headers['x-amz-version-id']?.toString() ?? null;
}

/** Of an answer that is no content: errors, lists, confirmations. */
const textBytesMax = 4 * 1024 * 1024;

export async function readText(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    sizeBytes += piece.length;
    if (sizeBytes > textBytesMax) throw new MalformedAnswer(`a text of more than ${textBytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
