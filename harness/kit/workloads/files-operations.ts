import type { IncomingHttpHeaders } from 'node:http';
import type { RestClient } from '../clients/rest-client.ts';
import type { RestError, RestResponse } from '../clients/rest-types.ts';
import type { Call, Seen } from '../history/events.ts';
import type { Outcome } from '../history/recorder.ts';
import type { KnownValues } from './known-values.ts';
import { MalformedAnswer, refused, seen, unanswered } from './outcome.ts';
import { describedContent, readContent, readText } from './read-content.ts';
import { intentOf } from './s3-operations.ts';
import { SentValue } from './sent-value.ts';

/** What an operation over `/files` works with. */
export interface FilesPlace {
  readonly rest: RestClient;
  readonly known: KnownValues;
}

const pageFiles = 100;
const pagesMax = 1_000;

/** Whether the call can be made: `/files` is asked by ids, and only whoever stored or listed a file has its id. */
export function isAddressable({ known }: Pick<FilesPlace, 'known'>, call: Call): boolean {
  return call.kind === 'put' || call.kind === 'list' || known.fileIds.has(call.key);
}

/** One call over `/files`, and what is known of it afterwards. Throws only what is no answer and no failure of a connection. */
export async function callOverFiles(place: FilesPlace, call: Call, signal: AbortSignal): Promise<Outcome> {
  try {
    switch (call.kind) {
      case 'put':
        return await upload(place, call, signal);
      case 'get':
        return await download(place, call, signal);
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

async function upload(
  { rest, known }: FilesPlace,
  { key, value, bytes }: Extract<Call, { kind: 'put' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const sent = new SentValue(
    { id: value, bytes },
    { algorithm: 'sha256', onWhole: (digest) => known.learnEtag(value, digest) },
  );
  const answer = await rest.upload({ filename: key, ...sent.body, signal });
  if (answer.status !== 201) return refused('write', refusalOf(answer));
  const { file_id, checksum, size } = answer.body ?? {};
  if (file_id !== undefined) known.fileIds.set(key, file_id);
  const wrong = size === bytes ? sent.whyNot(checksum) : `it has ${bytes} bytes and was acknowledged with ${size}`;
  return seen('201', traceOf(answer.headers), { kind: 'written', version: null, ...(wrong === null ? {} : { wrong }) });
}

async function download(
  { rest, known }: FilesPlace,
  { key, range }: Extract<Call, { kind: 'get' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const header = range === null ? {} : { range: `bytes=${range.first}-${range.last}` };
  const { status, headers, stream } = await rest.download(idOf(known, key), { ...header, signal });
  const trace = traceOf(headers);
  if (status === (range === null ? 200 : 206))
    return seen(String(status), trace, await readContent(stream, known, range));
  if (status === 200 || status === 206) {
    stream.destroy();
    const wrong = range === null ? 'a part came instead of the whole' : 'the whole came instead of a range';
    return seen(String(status), trace, { kind: 'content', value: null, version: null, wrong });
  }
  const code = codeOf(await readText(stream));
  if (status === 404) return seen(`404 ${code}`, trace, { kind: 'absent' });
  return refused('read', { status, code, trace });
}

async function head({ rest, known }: FilesPlace, key: string, signal: AbortSignal): Promise<Outcome> {
  const answer = await rest.head(idOf(known, key), { signal });
  const trace = traceOf(answer.headers);
  if (answer.status === 404) return seen('404', trace, { kind: 'absent' });
  if (answer.status !== 200) return refused('read', refusalOf(answer));
  return seen('200', trace, describedContent(answer, known, null));
}

async function remove({ rest, known }: FilesPlace, key: string, signal: AbortSignal): Promise<Outcome> {
  const answer = await rest.delete(idOf(known, key), { signal });
  if (answer.status !== 200) return refused('write', refusalOf(answer));
  return seen('200', traceOf(answer.headers), { kind: 'written', version: null });
}

/** Pages shift while files come and go; so a list of several is complete only of a store at rest. */
async function list({ rest, known }: FilesPlace, prefix: string, signal: AbortSignal): Promise<Outcome> {
  const keys: Extract<Seen, { kind: 'keys' }>['keys'][number][] = [];
  for (let page = 1; page <= pagesMax; page++) {
    const answer = await rest.list({ page, perPage: pageFiles }, { signal });
    if (answer.status !== 200) return refused('read', refusalOf(answer));
    if (!Array.isArray(answer.body?.files)) throw new MalformedAnswer('a page of a list that names no files');
    const { files } = answer.body;
    for (const { filename, file_id, checksum } of files.filter((file) => file.filename.startsWith(prefix))) {
      known.fileIds.set(filename, file_id);
      keys.push({ key: filename, value: known.valueOfEtag(checksum ?? undefined)?.id ?? null });
    }
    if (files.length < pageFiles) return seen('200', traceOf(answer.headers), { kind: 'keys', keys, pages: page });
  }
  throw new MalformedAnswer(`a list of more than ${pagesMax} pages`);
}

function idOf(known: KnownValues, key: string): string {
  const id = known.fileIds.get(key);
  if (id === undefined) throw new Error(`nobody knows the id of ${key}`);
  return id;
}

function refusalOf({ status, headers, error }: RestResponse<unknown>) {
  return { status, code: error?.code ?? null, trace: traceOf(headers) };
}

function traceOf(headers: IncomingHttpHeaders): string | null {
  return headers['x-request-id']?.toString() ?? null;
}

function codeOf(text: string): string | null {
  try {
    return (JSON.parse(text) as RestError).code;
  } catch {
    return null;
  }
}
