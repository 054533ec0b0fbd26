import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedVersion } from '../history/events.ts';
import { LyingS3, type S3Lies } from './lying-s3.fixture.ts';
import { readEveryVersion } from './read-every-version.ts';
import { planOf, recorded, s3 } from './recorded-run.fixture.ts';
import { runClients } from './run-clients.ts';

const inB = { key: 'keys/b' };
const writes = [
  s3.put('v1'),
  s3.put('v2', 50),
  s3.put('v3', 50, inB),
  s3.delete(),
  s3.put('v4'),
  s3.put('v5', 50, inB),
];
const unavailable = { status: 503, code: 'SlowDown' };

/** What it finds of these writes, on a store that was honest until then. */
async function found(lies: S3Lies, tries: 'until answered' | 'once' = 'until answered', recoveryMs = 20_000) {
  await using store = await LyingS3.start();
  let versions: ListedVersion[] | null = [];
  await recorded(planOf(writes, { recoveryMs }), { s3: store.url }, async (plan, deps) => {
    await runClients(plan, deps);
    // Of a client that is none of the plan's.
    store.versions.unshift({ key: 'probe', id: 'version-0', object: null });
    store.lies = lies;
    versions = await readEveryVersion(plan, deps, tries);
  });
  return { versions, asked: store.asked };
}

const inWords = (versions: readonly ListedVersion[] | null) =>
  versions?.map(({ key, version, content }) => {
    const what = content === null ? 'marker' : `${content.value}${content.wrong === null ? '' : `: ${content.wrong}`}`;
    return `${key} ${version} ${what}`;
  });

test('every version of the plan, on however many pages, is read whole, and markers are told', async () => {
  const { versions, asked } = await found({});
  assert.deepEqual(inWords(versions)?.toSorted(), [
    'keys/a version-1 v1',
    'keys/a version-2 v2',
    'keys/a version-4 marker',
    'keys/a version-5 v4',
    'keys/b version-3 v3',
    'keys/b version-6 v5',
  ]);
  assert.equal(asked.filter((step) => step === 'GET ?versions').length, 3);
});

test('torn bytes of an old version are wrong', async () => {
  const { versions } = await found({ sends: (bytes) => bytes.subarray(0, -1) });
  assert.equal(versions?.filter(({ content }) => content !== null && content.wrong === null).length, 0);
});

test('what fails is tried again until it is answered', async () => {
  let refusals = 7;
  const { versions } = await found({ refuses: () => (refusals-- > 0 ? unavailable : undefined) });
  assert.equal(versions?.filter(({ content }) => content?.wrong === null).length, 5);
});

test('what is never answered is wrong at the deadline, and a list that never comes is none', async () => {
  const refuses = (step: string) => (step === 'GET ?versionId' ? unavailable : undefined);
  const { versions } = await found({ refuses }, 'until answered', 600);
  const wrong = versions?.filter(({ content }) => content?.wrong === 'its read was answered with 503 SlowDown');
  assert.equal(wrong?.length, 5);
  assert.equal((await found({ refuses: () => unavailable }, 'until answered', 300)).versions, null);
});

test('a version that is not found is wrong at once, and where it would bring nothing nothing is tried again', async () => {
  const refuses = (step: string) => (step === 'GET ?versionId' ? { status: 404, code: 'NoSuchVersion' } : undefined);
  const { versions } = await found({ refuses });
  assert.ok(inWords(versions)?.includes('keys/b version-3 null: its read was answered with 404 NoSuchVersion'));
  const { asked } = await found({ refuses: (step) => (step === 'GET ?versionId' ? unavailable : undefined) }, 'once');
  assert.equal(asked.filter((step) => step === 'GET ?versionId').length, 5);
});
