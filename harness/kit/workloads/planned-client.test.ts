/** The recording client judged by itself: whatever a store does to it, the history must say what happened, and no more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../testing/until.ts';
import { LyingS3, type Trouble } from './lying-s3.fixture.ts';
import { against, content, lastSeen, planOf, type RecordedOperation, recorded, s3 } from './recorded-run.fixture.ts';
import { runClients } from './run-clients.ts';
import { contentFrom } from './value-content.ts';

const MiB = 1024 * 1024;

function ends(operations: readonly RecordedOperation[]): string[] {
  return operations.map(({ end }) => `${end?.type} ${end?.answer}`);
}

describe('against an honest store', () => {
  test('a put is seen by get, head and list, and a delete ends it', async () => {
    const calls = [s3.put('v1'), s3.get(), s3.head(), s3.list(), s3.delete(), s3.get(), s3.head(), s3.list()];
    const operations = await against({}, ...calls);
    assert.deepEqual(
      operations.map(({ end }) => end?.seen),
      [
        { kind: 'written', version: null },
        content('v1', null),
        content('v1', null),
        { kind: 'keys', keys: [{ key: 'keys/a', value: 'v1' }] },
        { kind: 'written', version: null },
        { kind: 'absent' },
        { kind: 'absent' },
        { kind: 'keys', keys: [] },
      ],
    );
    assert.ok(operations.every(({ end }) => end?.type === 'ok' && end.trace === 'the-request'));
    assert.deepEqual([operations[0]?.invoke.process, operations[0]?.invoke.node], ['client-1', 'gateway-1']);
    for (const { invoke, end } of operations) assert.ok(Number.isInteger(invoke.at) && invoke.at <= (end?.at ?? -1));
  });

  for (const bytes of [8, 20, 21, 63, 64, 65, 3 * MiB]) {
    test(`a value of ${bytes} bytes is known by its bytes`, async () => {
      assert.deepEqual(lastSeen(await against({}, s3.put('v1', bytes), s3.get())), content('v1', null));
    });
  }

  test('a range is known by its ETag, also one that ends behind the end', async () => {
    const ranges = [
      { first: 0, last: 0 },
      { first: 7, last: 19_000 },
      { first: 19_999, last: 50_000 },
    ];
    const operations = await against({}, s3.put('v1'), ...ranges.map((range) => s3.get(range)));
    assert.deepEqual(
      operations.slice(1).map(({ end }) => [end?.answer, end?.seen]),
      ranges.map(() => ['206', content('v1', null)]),
    );
  });

  test('a list goes over all pages', async () => {
    const keys = Array.from({ length: 45 }, (_, n) => `keys/${n + 10}`);
    const puts = keys.map((key) => s3.put(`of ${key}`, 8, { key }));
    const seen = lastSeen(await against({}, ...puts, s3.list()));
    assert.deepEqual(seen, { kind: 'keys', keys: keys.map((key) => ({ key, value: `of ${key}` })) });
  });

  test('`last seen` stands for what this client saw there, and without it for no object', async () => {
    const swap = (value: string) => s3.put(value, 100, { condition: { ifMatch: 'last seen' } });
    const operations = await against({}, swap('v1'), s3.get(), swap('v2'), s3.delete(), swap('v3'), swap('v4'));
    const conditions = operations.map(({ invoke: { call } }) => (call.kind === 'put' ? call.condition : undefined));
    const none = { ifNoneMatch: '*' };
    assert.deepEqual(conditions, [none, undefined, { ifMatch: 'v1' }, undefined, none, { ifMatch: 'v3' }]);
    assert.ok(operations.every(({ end }) => end?.type === 'ok' && end.seen?.kind !== 'refused'));
  });

  test('wrong bytes are nothing that was seen: they may be of a value that was never sent', async () => {
    const unsent = contentFrom({ id: 'v2', bytes: 100 }, 0)(100);
    const swap = s3.put('v2', 100, { condition: { ifMatch: 'last seen' } });
    const [, read, put] = await against({ sends: () => unsent }, s3.put('v1'), s3.get(), swap);
    assert.deepEqual(read?.end?.seen, content('v2', 'its ETag is that of v1'));
    assert.deepEqual(put?.invoke.call.kind === 'put' && put.invoke.call.condition, { ifMatch: 'v1' });
  });

  test('a condition that does not hold is recorded as refused', async () => {
    const onlyFirst = s3.put('v2', 100, { condition: { ifNoneMatch: '*' } });
    const ofOther = s3.put('v3', 100, { condition: { ifMatch: 'v4' } });
    const calls = [s3.put('v4', 100), s3.put('v1', 100), onlyFirst, ofOther, s3.delete()];
    const onNothing = s3.put('v5', 100, { condition: { ifMatch: 'v1' } });
    const operations = await against({}, ...calls, onNothing);
    const refused = [2, 3, 5].map((n) => [operations[n]?.end?.answer, operations[n]?.end?.seen]);
    assert.deepEqual(refused, [
      ['412 PreconditionFailed', { kind: 'refused' }],
      ['412 PreconditionFailed', { kind: 'refused' }],
      ['404 NoSuchKey', { kind: 'refused' }],
    ]);
  });
});

describe('of a write that was not acknowledged nobody knows, of a read nothing is to know', () => {
  const always = (what: Trouble) => () => what;

  for (const code of ['InternalError', 'SlowDown']) {
    test(`a 5xx with ${code}, before or after it took effect`, async () => {
      const trouble = always({ status: code === 'SlowDown' ? 503 : 500, code });
      for (const lies of [{ refuses: trouble }, { forgetsToAnswer: trouble }]) {
        const operations = await against(lies, s3.put('v1'), s3.delete(), s3.get(), s3.list());
        assert.deepEqual(
          operations.map(({ end }) => end?.type),
          ['info', 'info', 'fail', 'fail'],
        );
        assert.match(operations[0]?.end?.answer ?? '', new RegExp(`^50[03] ${code}$`));
      }
    });
  }

  test('a connection that is reset', async () => {
    const reset = await against({ refuses: always('reset') }, s3.put('v1'), s3.delete(), s3.get());
    assert.deepEqual(ends(reset), ['info ECONNRESET', 'info ECONNRESET', 'fail ECONNRESET']);
  });

  test('an answer that does not come by the deadline', async () => {
    await using store = await LyingS3.start({ forgetsToAnswer: always('hang') });
    const plan = planOf([s3.put('v1'), s3.get()], { operationMs: 300 });
    assert.deepEqual(ends(await recorded(plan, { s3: store.url }, runClients)), ['info NoAnswer', 'fail NoAnswer']);
  });

  test('what is given up because the run is stopped has no end: the store is not to blame', async () => {
    await using store = await LyingS3.start({ refuses: (step) => (step === 'GET' ? 'hang' : undefined) });
    const operations = await recorded(planOf([s3.put('v1'), s3.get()]), { s3: store.url }, async (plan, deps) => {
      const stopped = new AbortController();
      const running = runClients(plan, { ...deps, signal: stopped.signal });
      await until({ what: 'the get to arrive', withinMs: 10_000, pollMs: 1 }, () => store.asked.includes('GET'));
      stopped.abort();
      await running;
    });
    assert.deepEqual(
      operations.map(({ end }) => end?.type),
      ['ok', undefined],
    );
  });

  test('but where nobody listens, nothing was written, and a 4xx says so', async () => {
    const nobody = await recorded(planOf([s3.put('v1'), s3.delete(), s3.get()]), {}, runClients);
    assert.deepEqual(ends(nobody), ['fail ECONNREFUSED', 'fail ECONNREFUSED', 'fail ECONNREFUSED']);
    const conflict = { status: 409, code: 'ConditionalRequestConflict' };
    assert.deepEqual(ends(await against({ refuses: always(conflict) }, s3.put('v1'), s3.delete())), [
      'fail 409 ConditionalRequestConflict',
      'fail 409 ConditionalRequestConflict',
    ]);
  });

  test('and a bucket that is not there is no object that is not there', async () => {
    const gone = { status: 404, code: 'NoSuchBucket' };
    assert.deepEqual(ends(await against({ refuses: always(gone) }, s3.get())), ['fail 404 NoSuchBucket']);
  });
});
