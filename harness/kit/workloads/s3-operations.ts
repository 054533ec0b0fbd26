import { uriEncoded } from '../clients/s3/signature.ts';
import { elements, textOf } from '../clients/s3/xml-answer.ts';
import type { Call, Seen } from '../history/events.ts';
import type { Outcome } from '../history/recorder.ts';
import { type Intent, MalformedAnswer, refused, seen, unanswered } from './outcome.ts';
import { describedContent, readContent, readText, versionOf } from './read-content.ts';
import { answerOf, putPlainly, type S3Place, traceOf, written } from './s3-put.ts';
import { putInParts } from './s3-put-in-parts.ts';

/** Small, so that even few keys make more than one page. */
const pageKeysMax = 20;
const pagesMax = 1_000;

/** One call over S3, and what is known of it afterwards. Throws only what is no answer and no failure of a connection. */
export async function callOverS3(place: S3Place, call: Call, signal: AbortSignal): Promise<Outcome> {
  try {
    switch (call.kind) {
      case 'put':
        return await (call.parts > 1 ? putInParts : putPlainly)(place, call, signal);
      case 'get':
        return await get(place, call, signal);
      case 'head':
        return await head(place, call.key, signal);
      case 'delete':
        return await remove(place, call.key, signal);
      case 'list':
        return await list(place, call.prefix, signal);
    }
  } catch (error) {
    return unanswered(intentOf(call), error);
  }
}

export function intentOf({ kind }: Pick<Call, 'kind'>): Intent {
  return kind === 'put' || kind === 'delete' ? 'write' : 'read';
}

async function get(
  { client, bucket, known }: S3Place,
  { key, range }: Extract<Call, { kind: 'get' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const headers = range === null ? {} : { range: `bytes=${range.first}-${range.last}` };
  const response = await client.open({ method: 'GET', bucket, key, headers, signal });
  const { statusCode } = response;
  if (statusCode === (range === null ? 200 : 206)) {
    const content = await readContent(response, known, range);
    return seen(String(statusCode), traceOf(response), content);
  }
  if (statusCode === 200 || statusCode === 206) {
    response.destroy();
    const wrong = range === null ? 'a part came instead of the whole' : 'the whole came instead of a range';
    const value = known.valueOfEtag(response.headers.etag)?.id ?? null;
    return seen(String(statusCode), traceOf(response), { kind: 'content', value, version: versionOf(response), wrong });
  }
  const answer = answerOf(response, await readText(response));
  // There may be no bucket, too.
  if (answer.code === 'NoSuchKey') return seen(`404 ${answer.code}`, answer.trace, { kind: 'absent' });
  return refused('read', answer);
}

async function head({ client, bucket, known }: S3Place, key: string, signal: AbortSignal): Promise<Outcome> {
  const response = await client.open({ method: 'HEAD', bucket, key, signal });
  await readText(response);
  const trace = traceOf(response);
  if (response.statusCode === 404) return seen('404', trace, { kind: 'absent' });
  if (response.statusCode !== 200) return refused('read', answerOf(response, ''));
  return seen('200', trace, describedContent(response, known, versionOf(response)));
}

async function remove({ client, bucket }: S3Place, key: string, signal: AbortSignal): Promise<Outcome> {
  const response = await client.open({ method: 'DELETE', bucket, key, signal });
  const text = await readText(response);
  if (response.statusCode !== 204 && response.statusCode !== 200) return refused('write', answerOf(response, text));
  return written(response, null);
}

async function list({ client, bucket, known }: S3Place, prefix: string, signal: AbortSignal): Promise<Outcome> {
  const keys: Extract<Seen, { kind: 'keys' }>['keys'][number][] = [];
  let after: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const token: string = after === null ? '' : `continuation-token=${uriEncoded(after)}&`;
    const query = `${token}list-type=2&max-keys=${pageKeysMax}&prefix=${uriEncoded(prefix)}`;
    const response = await client.open({ method: 'GET', bucket, query, signal });
    const text = await readText(response);
    if (response.statusCode !== 200) return refused('read', answerOf(response, text));
    for (const entry of elements(text, 'Contents')) {
      const value = known.valueOfEtag(textOf(entry, 'ETag') ?? undefined)?.id ?? null;
      keys.push({ key: textOf(entry, 'Key') ?? '', value });
    }
    if (textOf(text, 'IsTruncated') === 'false') return seen('200', traceOf(response), { kind: 'keys', keys });
    after = textOf(text, 'NextContinuationToken');
    if (after === null) throw new MalformedAnswer('a page of a list that does not say how to go on');
  }
  throw new MalformedAnswer(`a list of more than ${pagesMax} pages`);
}
