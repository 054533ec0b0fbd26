/** Over `/files` the recording client keeps to the same rules as over S3; what differs is that files are asked for by ids. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../history/events.ts';
import { finalReads } from './final-reads.ts';
import { type Lies, LyingStore } from './lying-store.fixture.ts';
import { planOf, type RecordedOperation, recorded } from './recorded-run.fixture.ts';
import { runClients } from './run-clients.ts';

const key = 'files-1';
const put: Call = { via: 'files', kind: 'put', key, value: 'v1', bytes: 20_000, parts: 1, condition: null };
const get: Call = { via: 'files', kind: 'get', key, range: null };
const remove: Call = { via: 'files', kind: 'delete', key };
const list: Call = { via: 'files', kind: 'list', prefix: 'files-' };

async function against(lies: Lies, ...calls: Call[]): Promise<RecordedOperation[]> {
  await using store = await LyingStore.start(lies);
  return await recorded(planOf(calls), { rest: store.url }, runClients);
}

function ends(operations: readonly RecordedOperation[]) {
  return operations.map(({ end }) => `${end?.type} ${end?.answer}`);
}

const isThere = { kind: 'content', value: 'v1', version: null, wrong: null };

test('an upload is seen by get and list, and a delete ends it', async () => {
  const operations = await against({}, put, get, list, remove, get, list);
  assert.deepEqual(
    operations.map(({ end }) => end?.seen),
    [
      { kind: 'written', version: null },
      isThere,
      { kind: 'keys', keys: [{ key, value: 'v1' }], pages: 1 },
      { kind: 'written', version: null },
      { kind: 'absent' },
      { kind: 'keys', keys: [], pages: 1 },
    ],
  );
});

test('wrong bytes are told with the first that is wrong', async () => {
  const operations = await against({ sends: (bytes) => Buffer.from(bytes).fill(0, 9_000, 9_001) }, put, get);
  assert.match(JSON.stringify(operations[1]?.end?.seen), /"value":"v1".*"byte 9000 is 0x00 and must be/);
});

test('an acknowledgement by another checksum is written, and said to be wrong', async () => {
  const [operation] = await against({ checksum: 'other' }, put);
  assert.match(JSON.stringify(operation?.end?.seen), /"written".*"it was acknowledged as other and its bytes are/);
});

test('an upload that was not acknowledged may have happened; what nobody has the id of is not asked for', async () => {
  assert.deepEqual(ends(await against({ answersUpload: () => false }, put, get, remove)), ['info ECONNRESET']);
  assert.deepEqual(ends(await against({ refuses: () => 503 }, put)), ['info 503 Refused']);
  assert.deepEqual(ends(await against({ refuses: () => 400, keeps: () => null }, put)), ['fail 400 Refused']);
});

test('the final reads find by the list what was never acknowledged', async () => {
  await using store = await LyingStore.start({ answersUpload: () => false });
  const operations = await recorded(planOf([put]), { rest: store.url }, async (plan, deps) => {
    await runClients(plan, deps);
    await finalReads(plan, deps);
  });
  assert.deepEqual(
    operations.map(({ invoke, end }) => [invoke.call.kind, end?.type, end?.seen]),
    [
      ['put', 'info', null],
      ['list', 'ok', { kind: 'keys', keys: [{ key, value: 'v1' }], pages: 1 }],
      ['get', 'ok', isThere],
    ],
  );
});
