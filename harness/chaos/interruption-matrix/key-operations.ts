import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { S3HttpAnswer } from '../../kit/clients/s3/s3-http-client.ts';
import type { Choices } from '../../kit/seed/choices.ts';
import { expectedRange } from '../../kit/seed/seeded-bytes.ts';
import { type Content, completion, joined, type KeyClient, plain } from './key-client.ts';

/** Whether what was interrupted has happened. */
export type Outcome = 'old' | 'new';

/** An operation whose stage is set, to be interrupted. */
export interface KeyOperation {
  readonly send: (through: KeyClient) => Promise<S3HttpAnswer>;
  /** Which of the two is there. Throws when it is neither, whole. */
  readonly look: (through: KeyClient) => Promise<Outcome>;
  /** What the client does then. Throws when that does not lead where it must, or a part was lost. */
  readonly goOn: (through: KeyClient, from: Outcome) => Promise<void>;
}

export interface KeyRound {
  readonly through: KeyClient;
  /** A key that nobody has used. */
  readonly key: string;
  readonly seed: string;
  readonly choices: Choices;
}

type Prepare = (round: KeyRound) => Promise<KeyOperation>;

/** What leads to a failpoint of S3. Throws for a name that nothing here leads to. */
export function keyOperationOf(failpoint: string): Prepare {
  const [, name = '', phase] = /^s3\.(\w+)\.(before|after)-commit$/.exec(failpoint) ?? [];
  const prepare = operations[name];
  if (prepare === undefined || phase === undefined) {
    throw new Error(`nothing leads to ${failpoint}: say in key-operations.ts what does`);
  }
  return prepare;
}

/** Nothing but the commit changes what clients see. */
export function mustBe(failpoint: string): Outcome {
  return failpoint.endsWith('.before-commit') ? 'old' : 'new';
}

const KiB = 1024;
const partBytesMin = 5 * KiB * KiB;
/** Of content that is a file, which must be given back when it is replaced. */
const fileSizes = [16 * KiB + 1, 700 * KiB] as const;
/** On both sides of what is kept in the metadata row. */
const sizes = [1, 16 * KiB, ...fileSizes] as const;

const operations: Readonly<Record<string, Prepare>> = {
  put: async (round) => {
    const [before, after] = [await putOld(round), contentOf(round, 'new')];
    return again(round.key, before, after, { method: 'PUT', key: round.key, body: after.bytes });
  },

  delete: async (round) => again(round.key, await putOld(round), null, { method: 'DELETE', key: round.key }),

  copy: async (round) => {
    const { through, key } = round;
    const [before, after] = [await putOld(round), contentOf(round, 'source')];
    await through.ask({ method: 'PUT', key: `${key}-source`, body: after.bytes });
    const headers = { 'x-amz-copy-source': `/${through.bucket}/${key}-source` };
    return again(key, before, after, { method: 'PUT', key, headers });
  },

  complete: async (round) => {
    const { through, key } = round;
    const [before, parts] = [await putOld(round), partsOf(round)];
    const uploadId = await through.upload(key, parts);
    return again(key, before, joined(parts), completion(key, uploadId, parts));
  },

  part: async (round) => {
    const { through, key } = round;
    const parts = { old: contentOf(round, 'old'), new: contentOf(round, 'new') };
    const uploadId = await through.upload(key, [parts.old]);
    const request = { method: 'PUT', key, query: `partNumber=1&uploadId=${uploadId}`, body: parts.new.bytes };
    return {
      send: (client) => client.send(request),
      look: async (client) => {
        const etags = await client.partEtags(key, uploadId);
        assert.equal(etags?.length, 1, `the upload has the parts ${etags}`);
        return which(etags[0], parts.old.etag, parts.new.etag);
      },
      goOn: (client, from) => completed(client, key, uploadId, [parts[from]]),
    };
  },

  abort: async (round) => {
    const { through, key } = round;
    const parts = partsOf(round);
    const uploadId = await through.upload(key, parts);
    return {
      send: (client) => client.send({ method: 'DELETE', key, query: `uploadId=${uploadId}` }),
      look: async (client) =>
        which(
          await client.partEtags(key, uploadId),
          parts.map(({ etag }) => etag),
          null,
        ),
      goOn: async (client, from) => {
        if (from === 'old') return completed(client, key, uploadId, parts);
        assert.equal((await client.send(completion(key, uploadId, parts))).status, 404);
        assert.equal(await client.read(key), null, `${key}, whose only upload was aborted`);
      },
    };
  },
};

/** A request that changes what a key holds, and that a client who was not answered sends again. */
function again(
  key: string,
  before: Content | null,
  after: Content | null,
  request: Parameters<KeyClient['send']>[0],
): KeyOperation {
  return {
    send: (client) => client.send(request),
    look: async (client) => which(await client.read(key), before, after),
    goOn: async (client) => {
      await client.ask(request);
      assert.equal(which(await client.read(key), before, after), 'new', `${key} after it was sent again`);
    },
  };
}

async function completed(client: KeyClient, key: string, uploadId: string, parts: readonly Content[]): Promise<void> {
  await client.ask(completion(key, uploadId, parts));
  const whole = joined(parts);
  which(await client.read(key), whole, whole);
}

/** Which of them it is, to the last byte. */
function which<T>(found: T, before: T, after: T): Outcome {
  if (isDeepStrictEqual(found, after)) return 'new';
  if (isDeepStrictEqual(found, before)) return 'old';
  throw new Error(`found ${told(found)}, expected ${told(before)} or ${told(after)}`);
}

/** Megabytes tell nobody anything: their length does, and their ETag. */
function told(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part?.type === 'Buffer' ? `${part.data.length} bytes` : part));
}

async function putOld(round: KeyRound): Promise<Content> {
  const content = contentOf(round, 'old', fileSizes);
  await round.through.ask({ method: 'PUT', key: round.key, body: content.bytes });
  return content;
}

function contentOf({ seed, choices }: KeyRound, label: string, from: readonly number[] = sizes): Content {
  return plain(expectedRange(`${seed}/${label}`, 0, choices.pick(from)));
}

function partsOf(round: KeyRound): Content[] {
  return [plain(expectedRange(`${round.seed}/first`, 0, partBytesMin)), contentOf(round, 'last')];
}
