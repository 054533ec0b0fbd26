import type { IncomingMessage } from 'node:http';
import type { S3HttpClient } from '../clients/s3/s3-http-client.ts';
import { textOf } from '../clients/s3/xml-answer.ts';
import type { Call, Condition } from '../history/events.ts';
import type { Outcome } from '../history/recorder.ts';
import type { KnownValues } from './known-values.ts';
import { refused, seen } from './outcome.ts';
import { readText, versionOf } from './read-content.ts';
import { SentValue } from './sent-value.ts';

/** What an operation over S3 works with. */
export interface S3Place {
  readonly client: S3HttpClient;
  readonly bucket: string;
  readonly known: KnownValues;
}

export type PutCall = Extract<Call, { kind: 'put' }>;

/** A put of one request. */
export async function putPlainly(
  { client, bucket, known }: S3Place,
  call: PutCall,
  signal: AbortSignal,
): Promise<Outcome> {
  const { key, value, bytes, condition } = call;
  const sent = new SentValue(
    { id: value, bytes },
    { algorithm: 'md5', onWhole: (digest) => known.learnEtag(value, digest) },
  );
  const headers = conditionHeaders(condition, known);
  const response = await client.open({ method: 'PUT', bucket, key, headers, body: sent.body, signal });
  const text = await readText(response);
  if (response.statusCode !== 200) return notWritten(answerOf(response, text), condition);
  return written(response, sent.whyNot(response.headers.etag?.replaceAll('"', '')));
}

export function conditionHeaders(condition: Condition | null, known: KnownValues): Record<string, string> {
  if (condition === null) return {};
  if ('ifMatch' in condition) return { 'if-match': `"${known.etagOf(condition.ifMatch)}"` };
  return { 'if-none-match': condition.ifNoneMatch };
}

export function written(response: IncomingMessage, wrong: string | null): Outcome {
  const what = { kind: 'written', version: versionOf(response), ...(wrong === null ? {} : { wrong }) } as const;
  return seen(String(response.statusCode), traceOf(response), what);
}

interface Refusal {
  readonly status: number;
  readonly code: string | null;
  readonly trace: string | null;
}

/** S3 answers `If-Match` on a key without an object with NoSuchKey: that condition did not hold either. */
export function notWritten(refusal: Refusal, condition: Condition | null): Outcome {
  const { status, code, trace } = refusal;
  const wasAbsent = status === 404 && code === 'NoSuchKey';
  if (condition === null || (status !== 412 && !wasAbsent)) return refused('write', refusal);
  return seen(code === null ? String(status) : `${status} ${code}`, trace, { kind: 'refused' });
}

export function answerOf(response: IncomingMessage, text: string): Refusal {
  return { status: response.statusCode ?? 0, code: textOf(text, 'Code'), trace: traceOf(response) };
}

export function traceOf({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  return headers['x-amz-request-id']?.toString() ?? null;
}
