import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { textOf } from '../clients/s3/xml-answer.ts';
import type { Outcome } from '../history/recorder.ts';
import { MalformedAnswer, refused, unanswered } from './outcome.ts';
import { type PartSpan, partSpans } from './part-spans.ts';
import { readText } from './read-content.ts';
import { answerOf, conditionHeaders, notWritten, type PutCall, type S3Place, written } from './s3-put.ts';
import { SentValue } from './sent-value.ts';

const partsAtOnce = 2;
const abortWithinMs = 2_000;

/** A put as a multipart upload. Its Complete is the write: what fails before has no effect, whatever the answer was. */
export async function putInParts(place: S3Place, call: PutCall, signal: AbortSignal): Promise<Outcome> {
  let uploadId: string | null = null;
  try {
    uploadId = await create(place, call.key, signal);
    const parts = await uploadParts(place, call, uploadId, signal);
    const outcome = await complete(place, call, { uploadId, parts }, signal);
    const isLeftOver = outcome.type === 'fail' || outcome.seen?.kind === 'refused';
    if (isLeftOver) await abort(place, call.key, uploadId);
    return outcome;
  } catch (error) {
    // Complete has not been sent: it answers for its own failures.
    if (uploadId !== null) await abort(place, call.key, uploadId);
    if (error instanceof Refused) return { ...error.outcome, type: 'fail' };
    return { ...unanswered('write', error), type: 'fail' };
  }
}

interface SentPart {
  /** As it was acknowledged. */
  readonly etag: string;
  readonly md5: string;
  readonly wrong: string | null;
}

class Refused extends Error {
  readonly outcome: Outcome;

  constructor(response: IncomingMessage, text: string) {
    super('a step of the upload was refused');
    this.outcome = refused('write', answerOf(response, text));
  }
}

async function create({ client, bucket }: S3Place, key: string, signal: AbortSignal): Promise<string> {
  const response = await client.open({ method: 'POST', bucket, key, query: 'uploads=', signal });
  const text = await readText(response);
  if (response.statusCode !== 200) throw new Refused(response, text);
  const uploadId = textOf(text, 'UploadId');
  if (uploadId === null) throw new MalformedAnswer('an upload without an id');
  return uploadId;
}

/** In order of their numbers. The first that fails stops the others. */
async function uploadParts(place: S3Place, call: PutCall, uploadId: string, signal: AbortSignal): Promise<SentPart[]> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const spans = partSpans(call.bytes, call.parts).entries();
  const sent: SentPart[] = [];
  const uploads = Array.from({ length: partsAtOnce }, async () => {
    for (const [index, span] of spans) sent[index] = await uploadPart(place, call, { uploadId, index, span }, either);
  });
  try {
    await Promise.all(uploads);
  } catch (error) {
    failing.abort();
    await Promise.allSettled(uploads);
    throw error;
  }
  return sent;
}

async function uploadPart(
  { client, bucket }: S3Place,
  { key, value, bytes }: PutCall,
  { uploadId, index, span }: { readonly uploadId: string; readonly index: number; readonly span: PartSpan },
  signal: AbortSignal,
): Promise<SentPart> {
  const sent = new SentValue({ id: value, bytes }, { algorithm: 'md5' }, span);
  const query = `partNumber=${index + 1}&uploadId=${encodeURIComponent(uploadId)}`;
  const response = await client.open({ method: 'PUT', bucket, key, query, body: sent.body, signal });
  const text = await readText(response);
  if (response.statusCode !== 200) throw new Refused(response, text);
  const etag = response.headers.etag?.replaceAll('"', '');
  const wrong = sent.whyNot(etag);
  return { etag: etag ?? '', md5: sent.digest ?? '', wrong: wrong === null ? null : `part ${index + 1}: ${wrong}` };
}

async function complete(
  { client, bucket, known }: S3Place,
  { key, value, condition }: PutCall,
  { uploadId, parts }: { readonly uploadId: string; readonly parts: readonly SentPart[] },
  signal: AbortSignal,
): Promise<Outcome> {
  const digest = createHash('md5').update(Buffer.from(parts.map(({ md5 }) => md5).join(''), 'hex'));
  const etag = `${digest.digest('hex')}-${parts.length}`;
  known.learnEtag(value, etag);
  const listed = parts.map((part, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>"${part.etag}"</ETag></Part>`);
  const body = Buffer.from(`<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`);
  const query = `uploadId=${encodeURIComponent(uploadId)}`;
  const headers = conditionHeaders(condition, known);
  try {
    const response = await client.open({ method: 'POST', bucket, key, query, headers, body, signal });
    const text = await readText(response);
    const answer = answerOf(response, text);
    if (response.statusCode !== 200) return notWritten(answer, condition);
    if (text.includes('<Error')) return notWritten({ ...answer, status: statusBehind200(answer.code) }, condition);
    const acknowledged = textOf(text, 'ETag')?.replaceAll('"', '');
    if (acknowledged === undefined) throw new MalformedAnswer('a completed upload without an ETag');
    const wrong = acknowledged === etag ? null : `it was acknowledged as ${acknowledged} and is ${etag}`;
    return written(response, parts.find((part) => part.wrong !== null)?.wrong ?? wrong);
  } catch (error) {
    return unanswered('write', error);
  }
}

/** Complete may say 200 first and fail then; these codes are as certain as the status that they usually come with. */
function statusBehind200(code: string | null): number {
  if (code === 'PreconditionFailed') return 412;
  if (code === 'ConditionalRequestConflict') return 409;
  if (code === 'NoSuchUpload' || code === 'NoSuchKey') return 404;
  return code === 'InvalidPart' || code === 'InvalidPartOrder' || code === 'EntityTooSmall' ? 400 : 500;
}

/** Best effort: what is left of the upload is the store's to clean up in any case. */
async function abort({ client, bucket }: S3Place, key: string, uploadId: string): Promise<void> {
  const query = `uploadId=${encodeURIComponent(uploadId)}`;
  const signal = AbortSignal.timeout(abortWithinMs);
  await client.send({ method: 'DELETE', bucket, key, query, signal }).catch(() => {});
}
