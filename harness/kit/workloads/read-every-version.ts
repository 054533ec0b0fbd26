import { setTimeout as sleep } from 'node:timers/promises';
import { S3HttpClient } from '../clients/s3/s3-http-client.ts';
import { uriEncoded } from '../clients/s3/signature.ts';
import { elements, textOf } from '../clients/s3/xml-answer.ts';
import type { Plan } from '../experiment/plan.ts';
import type { Content, ListedVersion } from '../history/events.ts';
import type { Tries } from './final-reads.ts';
import type { RunDeps } from './gateway-connections.ts';
import { unanswered } from './outcome.ts';
import { readContent, readText } from './read-content.ts';
import { answerOf, type S3Place } from './s3-put.ts';

const readersPerGateway = 4;
const pauseBeforeNextTryMs = 250;
/** Small, so that a key has versions on more than one page. */
const pageKeysMax = 50;

type Named = Pick<ListedVersion, 'key' | 'version'> & { readonly isMarker: boolean };

interface Reading {
  readonly operationMs: number;
  readonly tries: Tries;
  /** Aborted: what is not answered by then is not tried again. */
  readonly until: AbortSignal;
  /** Aborted: all is given up. */
  readonly signal: AbortSignal;
}

/**
 * Lists every version of the plan's keys and reads each whole, the gateways in turn. What fails is tried again until it is answered or
 * `limits.recoveryMs` have passed; then its content is wrong. Null where there is no list by then.
 */
export async function readEveryVersion(plan: Plan, deps: RunDeps, tries: Tries): Promise<ListedVersion[] | null> {
  const { operationMs, recoveryMs } = plan.limits;
  const until = AbortSignal.any([deps.signal, AbortSignal.timeout(recoveryMs)]);
  const reading: Reading = { operationMs, tries, until, signal: deps.signal };
  const { bucket, known, credentials } = deps;
  const clients = deps.gateways.map((gateway) => new S3HttpClient(gateway.s3, { credentials }));
  const places = clients.map((client): S3Place => ({ client, bucket, known }));
  try {
    const listed = await listVersions(places, reading);
    if (listed === null) return null;
    const mine = keysOf(plan);
    return await readEach(
      places,
      reading,
      listed.filter(({ key }) => mine.has(key)),
    );
  } finally {
    for (const client of clients) client.close();
  }
}

function keysOf({ clients }: Plan): Set<string> {
  const calls = clients.flatMap(({ operations }) => operations.map(({ call }) => call));
  return new Set(calls.flatMap((call) => (call.via === 's3' && call.kind !== 'list' ? [call.key] : [])));
}

async function readEach(places: S3Place[], reading: Reading, listed: readonly Named[]): Promise<ListedVersion[]> {
  const read: ListedVersion[] = [];
  const left = listed.entries();
  const readers = Array.from({ length: readersPerGateway * places.length }, async (_, reader) => {
    const place = places[reader % places.length] as S3Place;
    for (const [index, { key, version, isMarker }] of left) {
      read[index] = { key, version, content: isMarker ? null : await contentOf(place, { key, version }, reading) };
    }
  });
  await Promise.all(readers);
  return read;
}

async function contentOf(place: S3Place, named: Pick<Named, 'key' | 'version'>, reading: Reading): Promise<Content> {
  const answer = await answered(reading, (signal) => readOne(place, named, signal));
  if (typeof answer !== 'string') return answer;
  return { kind: 'content', value: null, version: named.version, wrong: `its read was answered with ${answer}` };
}

/** Throws NotAnswered where another try may bring more. */
async function readOne(
  { client, bucket, known }: S3Place,
  { key, version }: Pick<Named, 'key' | 'version'>,
  signal: AbortSignal,
): Promise<Content | string> {
  const query = `versionId=${uriEncoded(version)}`;
  const response = await client.open({ method: 'GET', bucket, key, query, signal });
  if (response.statusCode === 200) return await readContent(response, known, null);
  const { status, code } = answerOf(response, await readText(response));
  const told = code === null ? String(status) : `${status} ${code}`;
  if (status >= 500) throw new NotAnswered(told);
  return told;
}

async function listVersions(places: readonly S3Place[], reading: Reading): Promise<Named[] | null> {
  const listed = await answered(reading, (signal) => listAll(places[0] as S3Place, signal));
  return typeof listed === 'string' ? null : listed;
}

async function listAll({ client, bucket }: S3Place, signal: AbortSignal): Promise<Named[]> {
  const all: Named[] = [];
  let after = '';
  for (;;) {
    const query = `${after}max-keys=${pageKeysMax}&versions=`;
    const { status, body } = await client.send({ method: 'GET', bucket, query, signal });
    const text = body.toString();
    if (status !== 200) throw new NotAnswered(`${status} ${textOf(text, 'Code')}`);
    all.push(...named(text, 'Version', false), ...named(text, 'DeleteMarker', true));
    if (textOf(text, 'IsTruncated') === 'false') return all;
    const [key, version] = [textOf(text, 'NextKeyMarker'), textOf(text, 'NextVersionIdMarker')];
    const next = `key-marker=${uriEncoded(key ?? '')}&${version === null ? '' : `version-id-marker=${uriEncoded(version)}&`}`;
    if (key === null || next === after) throw new NotAnswered('a page of versions that does not say how to go on');
    after = next;
  }
}

function named(text: string, element: string, isMarker: boolean): Named[] {
  return elements(text, element).map((entry) => {
    return { key: textOf(entry, 'Key') ?? '', version: textOf(entry, 'VersionId') ?? '', isMarker };
  });
}

class NotAnswered extends Error {
  override name = 'NotAnswered';
}

/** What came of it, or what the last try failed with. */
async function answered<T>(
  { operationMs, tries, until, signal }: Reading,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | string> {
  for (;;) {
    let failure: string;
    try {
      return await ask(AbortSignal.any([signal, AbortSignal.timeout(operationMs)]));
    } catch (error) {
      failure = error instanceof NotAnswered ? error.message : unanswered('read', error).answer;
    }
    if (tries === 'once' || until.aborted) return failure;
    await sleep(pauseBeforeNextTryMs, undefined, { signal: until }).catch(() => {});
  }
}
