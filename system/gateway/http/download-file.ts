import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../common/clock.ts';
import { type ByteRange, parseRange } from '../objects/byte-range.ts';
import { StoreError } from '../objects/errors.ts';
import type { Files } from '../objects/files.ts';
import type { FileRecord } from '../objects/ports.ts';
import { evaluateRead, rangeApplies, type Validators } from '../objects/preconditions.ts';
import { clientSignal } from '../wire/client-signal.ts';
import { cutOff } from '../wire/cut-off.ts';
import { writeBytes } from '../wire/write-bytes.ts';
import { contentDisposition } from './content-disposition.ts';
import { type FileParams, fileId } from './file-id.ts';

export interface DownloadDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly bodyIdleTimeoutMs: number;
}

/** GET and HEAD /files/:id: the bytes, whole or one range, under the conditions of RFC 9110. */
export async function downloadFile(
  deps: DownloadDeps,
  request: FastifyRequest<FileParams>,
  reply: FastifyReply,
): Promise<void> {
  const file = await deps.files.completed(fileId(request));
  const validators = { etag: `"${file.sha256}"`, lastModified: file.createdAt };
  reply.headers(validatorHeaders(validators));
  const { headers } = request;
  const verdict = evaluateRead(
    {
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
      ifModifiedSince: headers['if-modified-since'],
      ifUnmodifiedSince: headers['if-unmodified-since'],
    },
    validators,
  );
  if (verdict === 'failed')
    throw new StoreError('PreconditionFailed', 'the file does not meet the conditions of the request');
  if (verdict === 'not-modified') return void (await reply.code(304).send());
  const range = wantedRange(request, file, validators);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.sizeBytes}`);
    throw new StoreError('RangeNotSatisfiable', `the file has ${file.sizeBytes} bytes; the range lies beyond them`);
  }
  reply.code(range === 'whole' ? 200 : 206).headers(bodyHeaders(file, range));
  if (request.method === 'HEAD') return void (await reply.send());
  await sendBytes(deps, file, range === 'whole' ? { start: 0, end: file.sizeBytes } : range, reply);
}

function validatorHeaders({ etag, lastModified }: Validators): Record<string, string> {
  return {
    etag,
    'last-modified': lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    // A file is immutable, but it can be deleted: caches may keep it and must ask whether it is still there.
    'cache-control': 'no-cache',
  };
}

/** Ranges are defined for GET alone (RFC 9110 section 14.2); HEAD answers for the whole. */
function wantedRange(
  request: FastifyRequest,
  file: FileRecord,
  validators: Validators,
): ByteRange | 'whole' | 'unsatisfiable' {
  const ifRange = request.headers['if-range'];
  const applies =
    request.method === 'GET' && rangeApplies(typeof ifRange === 'string' ? ifRange : undefined, validators);
  return applies ? parseRange(request.headers.range, file.sizeBytes) : 'whole';
}

function bodyHeaders(file: FileRecord, range: ByteRange | 'whole'): Record<string, string | number> {
  const { start, end } = range === 'whole' ? { start: 0, end: file.sizeBytes } : range;
  return {
    'content-type': file.contentType,
    'content-length': end - start,
    'content-disposition': contentDisposition(file.filename),
    // What was uploaded is not to be guessed at by a browser.
    'x-content-type-options': 'nosniff',
    ...(range !== 'whole' && { 'content-range': `bytes ${start}-${end - 1}/${file.sizeBytes}` }),
  };
}

/**
 * Headers are sent only once the first bytes are there. When the data fails later, the connection is cut: with
 * Content-Length sent, no client can take the part for the whole.
 */
async function sendBytes(deps: DownloadDeps, file: FileRecord, range: ByteRange, reply: FastifyReply): Promise<void> {
  const signal = clientSignal(reply.raw);
  using open = await deps.files.read(file, range, signal);
  const response = reply.raw;
  response.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string | number>);
  // Not before the head is written: what fails from here on nobody answers.
  reply.hijack();
  const limits = { clock: deps.clock, idleTimeoutMs: deps.bodyIdleTimeoutMs, signal };
  try {
    for await (const piece of open.bytes()) await writeBytes(response, piece, limits);
    response.end();
  } catch (error) {
    cutOff(response);
    if (!signal.aborted) reply.log.error({ err: error, fileId: file.fileId }, 'a download was cut off');
  }
}
