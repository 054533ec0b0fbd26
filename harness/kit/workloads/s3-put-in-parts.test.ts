/** A put in parts is one write, whose moment is Complete: what fails before it never happened. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../history/events.ts';
import { LyingS3, type Trouble } from './lying-s3.fixture.ts';
import { against, content, lastSeen, planOf, recorded, s3 } from './recorded-run.fixture.ts';
import { runClients } from './run-clients.ts';

const MiB = 1024 * 1024;
const put = s3.put('v1', 10 * MiB + 100, { parts: 3 });
const only = (wanted: string, what: Trouble) => (step: string) => (step === wanted ? what : undefined);

test('a put in parts is read back as one value, whole and in ranges over the borders of its parts', async () => {
  const ranges = [s3.get({ first: 5 * MiB - 1, last: 5 * MiB }), s3.get({ first: 5, last: 20 * MiB })];
  const operations = await against({}, put, s3.get(), s3.head(), ...ranges);
  assert.deepEqual(operations[0]?.end?.seen, { kind: 'written', version: null });
  for (const { end } of operations.slice(1)) assert.deepEqual(end?.seen, content('v1', null));
});

test('a put in parts that fails before Complete is sent has no effect, and is aborted', async () => {
  for (const step of ['POST ?uploads', 'PUT ?partNumber']) {
    for (const what of ['hang', 'reset', { status: 500, code: 'InternalError' }] as const) {
      await using store = await LyingS3.start({ refuses: only(step, what) });
      const plan = planOf([put], what === 'hang' ? { operationMs: 300 } : {});
      const [operation] = await recorded(plan, { s3: store.url }, runClients);
      assert.equal(operation?.end?.type, 'fail', `${step} ${JSON.stringify(what)}`);
      assert.equal(store.uploads.size, 0);
    }
  }
});

test('a put in parts whose Complete is not answered may have happened', async () => {
  const step = 'POST ?uploadId';
  for (const what of ['hang', 'reset', { status: 500, code: 'InternalError' }] as const) {
    await using store = await LyingS3.start({ forgetsToAnswer: only(step, what) });
    // Long enough for the parts before it, also on a busy machine.
    const plan = planOf([put], what === 'hang' ? { operationMs: 4_000 } : {});
    const [after] = await recorded(plan, { s3: store.url }, runClients);
    assert.equal(after?.end?.type, 'info', JSON.stringify(what));
  }
});

test('a put in parts is judged by the code where an error comes after a 200', async () => {
  const answered = async (code: string) =>
    (await against({ refuses: only('POST ?uploadId', { status: 200, code }) }, put))[0]?.end?.type;
  assert.equal(await answered('InternalError'), 'info');
  assert.equal(await answered('InvalidPart'), 'fail');
});

test('a put in parts whose condition did not hold is refused, and aborted', async () => {
  const conditional = { ...put, value: 'v2', condition: { ifNoneMatch: '*' } } as Call;
  await using store = await LyingS3.start();
  const operations = await recorded(planOf([put, conditional]), { s3: store.url }, runClients);
  assert.deepEqual(lastSeen(operations), { kind: 'refused' });
  assert.equal(store.uploads.size, 0);
});

test('a put in parts that was acknowledged by another ETag is written, and said to be wrong', async () => {
  const [operation] = await against({ etag: () => 'other' }, put);
  assert.equal(operation?.end?.type, 'ok');
  assert.match(JSON.stringify(operation?.end?.seen), /"wrong":"part 1: it was acknowledged as other/);
});
