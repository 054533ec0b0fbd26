import type { ServerResponse } from 'node:http';
import { KiB } from '../../common/bytes.ts';
import type { Clock } from '../../common/clock.ts';
import { cutOff } from '../wire/cut-off.ts';
import { writeBytes } from '../wire/write-bytes.ts';
import type { S3Answer, S3Bytes } from './operation.ts';
import { toWire } from './request-headers.ts';

/** What a response may hold back of a document whose client does not read; a longer one is written by and by, with a deadline. */
const PIECE_BYTES = 64 * KiB;

export interface RespondDeps {
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Sends an answer. Throws when the client is gone or too slow, or the bytes fail: then the connection has been cut. */
export async function respond(response: ServerResponse, answer: S3Answer, deps: RespondDeps): Promise<void> {
  const { status, body } = answer;
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name, toWire(value)] as const);
  const setHead = (extra: Readonly<Record<string, string | number>> = {}) => {
    response.writeHead(status, { ...Object.fromEntries(headers), ...extra });
  };
  if (body === undefined) {
    // Node would add `Content-Length: 0` by itself, but not to what a client takes for the answer to a GET.
    const isHead = response.req.method === 'HEAD' || status === 204 || status === 304;
    setHead(isHead ? {} : { 'content-length': 0 });
    response.end();
    return;
  }
  if ('xml' in body) {
    const document = Buffer.from(body.xml);
    setHead({ 'content-type': 'application/xml', 'content-length': document.length });
    if (document.length > PIECE_BYTES) await sendBytes(response, inPieces(document), deps);
    else response.end(document);
    return;
  }
  setHead();
  await sendBytes(response, body.bytes, deps);
}

/** When the data fails on the way, the connection is cut: no client can take the part for the whole. */
async function sendBytes(response: ServerResponse, open: S3Bytes, deps: RespondDeps): Promise<void> {
  using bytes = open;
  try {
    for await (const piece of bytes.bytes()) await writeBytes(response, piece, deps);
    response.end();
  } catch (error) {
    cutOff(response);
    throw error;
  }
}

/** A page of a listing may be some megabytes. */
function inPieces(document: Buffer): S3Bytes {
  return {
    async *bytes() {
      for (let at = 0; at < document.length; at += PIECE_BYTES) yield document.subarray(at, at + PIECE_BYTES);
    },
    [Symbol.dispose]: () => undefined,
  };
}
