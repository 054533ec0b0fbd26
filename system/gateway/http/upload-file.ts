import type { FastifyReply, FastifyRequest } from 'fastify';
import { KiB } from '../../common/bytes.ts';
import type { Clock } from '../../common/clock.ts';
import { StoreError } from '../objects/errors.ts';
import { checkContentType, checkFileName } from '../objects/file-name.ts';
import type { Files } from '../objects/files.ts';
import { CHUNKS_PER_FILE } from '../objects/ports.ts';
import { peek } from '../objects/short-bodies.ts';
import { FILE_BYTES_MAX, tooLarge } from '../objects/write-file.ts';
import { clientSignal } from '../wire/client-signal.ts';
import { continueBody, requestBody } from '../wire/request-body.ts';
import { type FormPart, FormReader, formBoundary } from './multipart/form-reader.ts';

/** Boundaries, headers and small fields around the file may add this much to the body. */
const FORM_OVERHEAD_BYTES_MAX = 64 * KiB;
const OTHER_FIELDS_BYTES_MAX = 64 * KiB;

export interface UploadDeps {
  readonly files: Files;
  readonly clock: Clock;
  readonly bodyIdleTimeoutMs: number;
}

/** POST /files: a multipart/form-data body with one file in the field `file`, streamed straight to the nodes. */
export async function uploadFile(deps: UploadDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const boundary = formBoundary(request.headers['content-type'] ?? '');
  if (boundary === undefined) {
    throw new StoreError('InvalidRequest', 'send the file as multipart/form-data with a boundary, in the field `file`');
  }
  const declaredBytes = contentLength(request);
  if (declaredBytes !== null && declaredBytes > FILE_BYTES_MAX + FORM_OVERHEAD_BYTES_MAX) throw tooLarge();
  continueBody(request.raw, reply.raw);
  const form = new FormReader(requestBody(request.raw, deps.clock, deps.bodyIdleTimeoutMs), boundary);
  const part = await filePart(form);
  const filename = checkFileName(part.filename ?? '');
  const contentType = checkContentType(part.contentType ?? 'application/octet-stream');
  const sizeBytes = declaredBytes === null ? null : fileBytes(declaredBytes, form.position, boundary);
  if (sizeBytes !== null && sizeBytes > FILE_BYTES_MAX) throw tooLarge();
  const content = await peek(withRestOfForm(part, form));
  if (content === undefined) throw new StoreError('EmptyFile', 'the file is empty; an empty file cannot be cut in six');
  const stored = await deps.files.write(
    { filename, contentType, declaredBytes: sizeBytes },
    content,
    clientSignal(reply.raw),
  );
  await reply.code(201).header('location', `/files/${stored.fileId}`).send({
    file_id: stored.fileId,
    filename: stored.filename,
    size: stored.sizeBytes,
    content_type: stored.contentType,
    checksum: stored.sha256,
    chunks: CHUNKS_PER_FILE,
    status: stored.uploadStatus,
  });
}

function contentLength(request: FastifyRequest): number | null {
  const header = request.headers['content-length'];
  return header === undefined ? null : Number(header);
}

/**
 * The file's size when it is the last part of the form, as clients send it: exact, or two bytes off when the client
 * ends its body without a line break. Fields behind the file make it an over-estimate, which only makes the cut
 * a little less even.
 */
function fileBytes(bodyBytes: number, position: number, boundary: string): number {
  const closingBytes = `\r\n--${boundary}--\r\n`.length;
  return Math.max(0, bodyBytes - position - closingBytes);
}

/** The first part that is the file; ordinary fields before it are passed over. */
async function filePart(form: FormReader): Promise<FormPart> {
  for (;;) {
    const part = await form.nextPart();
    if (part === undefined) throw new StoreError('InvalidRequest', 'the form has no field `file`');
    if (part.name === 'file' && part.filename !== undefined) return part;
    if (part.name === 'file') throw new StoreError('InvalidRequest', 'the field `file` must be a file with a filename');
    if (part.filename !== undefined) {
      throw new StoreError(
        'InvalidRequest',
        `the form has a file in the field \`${part.name}\`; it belongs in \`file\``,
      );
    }
    await skip(part);
  }
}

/** The file's bytes, and then the check that nothing is wrong behind them: only after it may the file be committed. */
async function* withRestOfForm(part: FormPart, form: FormReader): AsyncGenerator<Buffer, void, undefined> {
  yield* part.body;
  for (let next = await form.nextPart(); next !== undefined; next = await form.nextPart()) {
    if (next.name === 'file' || next.filename !== undefined) {
      throw new StoreError('InvalidRequest', 'the form has two files; send one at a time');
    }
    await skip(next);
  }
}

async function skip(part: FormPart): Promise<void> {
  let bytes = 0;
  for await (const piece of part.body) {
    bytes += piece.length;
    if (bytes > OTHER_FIELDS_BYTES_MAX)
      throw new StoreError('InvalidRequest', `the field \`${part.name}\` is too long`);
  }
}
