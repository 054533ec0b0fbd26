import type { ServerResponse } from 'node:http';
import type { Clock } from '../../common/clock.ts';
import { writeBytes } from '../wire/write-bytes.ts';
import type { S3Answer, S3Bytes } from './operation.ts';
import { toWire } from './request-headers.ts';
import { DECLARATION } from './xml/write-xml.ts';

export interface RespondDeps {
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
  /** The error document, for a promise that rejects when the head is out. */
  readonly errorDocument: (error: unknown) => string;
}

/** Between two signs that an answer is still being worked for. */
const SIGN_OF_LIFE_MS = 5_000;

/** Sends an answer. Throws when the client is gone or too slow, or the bytes fail: then the connection has been cut. */
export async function respond(response: ServerResponse, answer: S3Answer, deps: RespondDeps): Promise<void> {
  const { status, body, later } = answer;
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name, toWire(value)] as const);
  const setHead = (extra: Readonly<Record<string, string | number>> = {}) => {
    response.writeHead(status, { ...Object.fromEntries(headers), ...extra });
  };
  if (later !== undefined) {
    setHead({ 'content-type': 'application/xml' });
    return sendLater(response, later, deps);
  }
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
    response.end(document);
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
    response.destroy();
    throw error;
  }
}

/** White space may stand behind the declaration, and nowhere before it. */
async function sendLater(response: ServerResponse, later: Promise<string>, deps: RespondDeps): Promise<void> {
  response.write(DECLARATION);
  const sign = deps.clock.every(SIGN_OF_LIFE_MS, () => response.write(' '));
  try {
    const document = await later.catch(deps.errorDocument);
    response.end(document.slice(DECLARATION.length));
  } finally {
    sign.cancel();
  }
}
