/** The recording client judged by itself: whatever a store does to it, the history must say what happened, and no more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Call, Seen } from '../history/events.ts';
import { LyingS3, type S3Lies, type Trouble } from './lying-s3.fixture.ts';
import { planOf, type RecordedOperation, recorded, s3 } from './recorded-run.fixture.ts';
import { runClients } from './run-clients.ts';
import { contentFrom } from './value-content.ts';

const MiB = 1024 * 1024;

/** What a store that lies so makes a client record, which makes these calls. */
async function against(lies: S3Lies, ...calls: Call[]): Promise<RecordedOperation[]> {
  await using store = await LyingS3.start(lies);
  return await recorded(planOf(calls), { s3: store.url }, runClients);
}

function ends(operations: readonly RecordedOperation[]): string[] {
  return operations.map(({ end }) => `${end?.type} ${end?.answer}`);
}

function lastSeen(operations: readonly RecordedOperation[]): Seen | null | undefined {
  return operations.at(-1)?.end?.seen;
}

function content(value: string | null, wrong: string | null): Seen {
  return { kind: 'content', value, version: null, wrong };
}

function whole(id: string, bytes = 20_000): Buffer {
  return contentFrom({ id, bytes }, 0)(bytes);
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

describe('bytes that are not those of a value are told with the first that is wrong', () => {
  const changed = (at: number) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    copy[at] = 0x41 ^ (copy[at] ?? 0);
    return copy;
  };
  const told = async (lies: S3Lies, ...calls: Call[]) => lastSeen(await against(lies, s3.put('v1'), ...calls));

  for (const at of [0, 14, 63, 64, 19_999]) {
    test(`one byte at ${at}`, async () => {
      const seen = await told({ sends: changed(at) }, s3.get());
      assert.match(JSON.stringify(seen), new RegExp(`"value":"v1".*"wrong":"byte ${at} is 0x.. and must be 0x..`));
    });
  }

  test('one byte of a range', async () => {
    const seen = await told({ sends: changed(9_000) }, s3.get({ first: 8_000, last: 10_000 }));
    assert.match(JSON.stringify(seen), /"value":"v1".*byte 9000 is/);
  });

  test('a head of one value and the rest of another', async () => {
    const mixed = Buffer.concat([whole('v1').subarray(0, 12_000), whole('v2').subarray(12_000)]);
    const seen = await told({ sends: () => mixed }, s3.put('v2'), s3.get());
    assert.match(JSON.stringify(seen), /"value":"v1".*"byte 12000 is/);
  });

  test('the bytes of one value under the ETag of another', async () => {
    const seen = await told({ sends: () => whole('v1') }, s3.put('v2'), s3.get());
    assert.deepEqual(seen, content('v1', 'its ETag is that of v2'));
  });

  test('an answer that is whole and too short, or too long', async () => {
    assert.deepEqual(
      await told({ sends: (bytes) => bytes.subarray(0, 100) }, s3.get()),
      content('v1', 'only 100 of 20000 bytes came'),
    );
    assert.deepEqual(
      await told({ sends: (bytes) => Buffer.concat([bytes, bytes]) }, s3.get()),
      content('v1', 'more than 20000 bytes came'),
    );
    assert.deepEqual(
      await told({ sends: () => Buffer.alloc(0) }, s3.get()),
      content('v1', 'only 0 of 20000 bytes came'),
    );
    assert.deepEqual(
      await told({ sends: (bytes) => bytes.subarray(0, 100) }, s3.head()),
      content('v1', 'it has 100 bytes and must have 20000'),
    );
  });

  test('bytes and ETag that nobody in this run has stored', async () => {
    const seen = await told({ sends: (bytes) => bytes.fill(1), etag: () => 'none' }, s3.get());
    assert.deepEqual(seen, content(null, 'neither bytes nor ETag ("none") are of this run'));
  });

  test('a range that is said to be another', async () => {
    const seen = await told({ contentRange: 'bytes 1-10/20000' }, s3.get({ first: 0, last: 9 }));
    assert.deepEqual(seen, content('v1', 'its range is bytes 1-10/20000 and must be bytes 0-9/20000'));
  });

  test('wrong bytes before the connection breaks; right ones are no answer', async () => {
    const breaksOffAt = 15_000;
    const wrong = await against({ sends: changed(100), breaksOffAt }, s3.put('v1'), s3.get());
    assert.match(JSON.stringify(lastSeen(wrong)), /"byte 100 is/);
    const cut = await against({ breaksOffAt }, s3.put('v1'), s3.get());
    assert.deepEqual(ends(cut), ['ok 200', 'fail ECONNRESET']);
    const early = await against({ breaksOffAt: 20 }, s3.put('v1'), s3.get());
    assert.deepEqual(ends(early), ['ok 200', 'fail ECONNRESET']);
  });

  test('an acknowledgement by another ETag', async () => {
    const [put] = await against({ etag: (etag) => etag.replaceAll(/./g, '0') }, s3.put('v1'));
    assert.equal(put?.end?.type, 'ok');
    assert.match(
      JSON.stringify(put?.end?.seen),
      /"wrong":"it was acknowledged as 0{32} and its bytes are [0-9a-f]{32}"/,
    );
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

describe('a put in parts', () => {
  const put = s3.put('v1', 10 * MiB + 100, { parts: 3 });
  const only = (wanted: string, what: Trouble) => (step: string) => (step === wanted ? what : undefined);

  test('is read back as one value, whole and in ranges over the borders of its parts', async () => {
    const ranges = [s3.get({ first: 5 * MiB - 1, last: 5 * MiB }), s3.get({ first: 5, last: 20 * MiB })];
    const operations = await against({}, put, s3.get(), s3.head(), ...ranges);
    assert.deepEqual(operations[0]?.end?.seen, { kind: 'written', version: null });
    for (const { end } of operations.slice(1)) assert.deepEqual(end?.seen, content('v1', null));
  });

  test('that fails before Complete is sent has no effect, and is aborted', async () => {
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

  test('whose Complete is not answered may have happened', async () => {
    const step = 'POST ?uploadId';
    for (const what of ['hang', 'reset', { status: 500, code: 'InternalError' }] as const) {
      await using store = await LyingS3.start({ forgetsToAnswer: only(step, what) });
      // Long enough for the parts before it, also on a busy machine.
      const plan = planOf([put], what === 'hang' ? { operationMs: 4_000 } : {});
      const [after] = await recorded(plan, { s3: store.url }, runClients);
      assert.equal(after?.end?.type, 'info', JSON.stringify(what));
    }
  });

  test('is judged by the code where an error comes after a 200', async () => {
    const answered = async (code: string) =>
      (await against({ refuses: only('POST ?uploadId', { status: 200, code }) }, put))[0]?.end?.type;
    assert.equal(await answered('InternalError'), 'info');
    assert.equal(await answered('InvalidPart'), 'fail');
  });

  test('and a condition that did not hold is refused', async () => {
    const conditional = { ...put, value: 'v2', condition: { ifNoneMatch: '*' } } as Call;
    assert.deepEqual(lastSeen(await against({}, put, conditional)), { kind: 'refused' });
  });

  test('that was acknowledged by another ETag is written, and said to be wrong', async () => {
    const [operation] = await against({ etag: () => 'other' }, put);
    assert.equal(operation?.end?.type, 'ok');
    assert.match(JSON.stringify(operation?.end?.seen), /"wrong":"part 1: it was acknowledged as other/);
  });
});
