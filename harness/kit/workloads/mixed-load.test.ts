/** The ledger judged by itself: a store that lies must be told, and one that does not must not be accused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RestClient } from '../clients/rest-client.ts';
import { until } from '../testing/until.ts';
import { Ledger, type Violation } from './ledger.ts';
import { type Lies, LyingStore } from './lying-store.fixture.ts';
import { startMixedLoad } from './mixed-load.ts';
import { RecordedClient } from './recorded-client.ts';
import { assertKept, verifyLedger } from './verify-ledger.ts';

const fileBytes = 5_000;

/** A store that lies so, a ledger and a client of it. */
async function against(lies: Lies = {}) {
  const store = await LyingStore.start(lies);
  const ledger = new Ledger('test');
  const rest = new RestClient(store.url);
  const client = new RecordedClient(ledger, rest, { name: 'client', operationDeadlineMs: 2_000 });
  return {
    store,
    ledger,
    client,
    upload: () => client.upload(ledger.newFile(fileBytes)),
    verdict: () => verifyLedger(ledger, rest),
    [Symbol.asyncDispose]: async () => {
      rest.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function sentences(violations: readonly Violation[]): string[] {
  return violations.map(({ what }) => what);
}

describe('a ledger', () => {
  test('does not accuse a store that keeps its promises', async () => {
    await using run = await against();
    const [kept, gone] = [await run.upload(), await run.upload()];
    await run.client.download(kept);
    await run.client.delete(gone);
    await run.client.download(gone);
    await run.client.list();
    const verdict = await run.verdict();
    assertKept(verdict);
    assert.deepEqual(
      { ...verdict, violations: 0 },
      { violations: 0, kept: 1, gone: 1, unsureHappened: 0, unsureNot: 0 },
    );
  });

  test('tells a file that was acknowledged and lost, with its upload', async () => {
    await using run = await against({ keeps: () => null });
    await run.upload();
    const { violations } = await run.verdict();
    assert.deepEqual(sentences(violations), ['test.1: it was acknowledged and is gone']);
    assert.equal(violations[0]?.operations[0]?.answer, '201');
  });

  test('tells wrong bytes at the moment they are read', async () => {
    await using run = await against({ sends: (bytes) => Buffer.from(bytes).fill(0, 1_000, 1_001) });
    await run.client.download(await run.upload());
    assert.match(sentences(run.ledger.violations).join(), /^test\.1: byte 1000 is 0x00 and must be/);
  });

  test('tells a file that is torn, also one that nobody acknowledged', async () => {
    const tear = (bytes: Buffer) => bytes.subarray(0, 4_000);
    await using run = await against({ keeps: tear, answersUpload: () => false });
    const entry = await run.upload();
    assert.equal(entry.state, 'unsure');
    assert.deepEqual(sentences((await run.verdict()).violations), ['test.1: only 4000 of 5000 bytes arrived']);
  });

  test('lets an upload that nobody acknowledged exist whole, or not at all', async () => {
    let count = 0;
    await using run = await against({ keeps: (bytes) => (count++ === 0 ? bytes : null), answersUpload: () => false });
    await run.upload();
    await run.upload();
    const { violations, unsureHappened, unsureNot } = await run.verdict();
    assert.deepEqual([violations.length, unsureHappened, unsureNot], [0, 1, 1]);
  });

  test('tells a file that was refused and is there', async () => {
    await using run = await against({ refuses: () => 400 });
    await run.upload();
    assert.deepEqual(sentences((await run.verdict()).violations), [
      'test.1: its upload was refused, and yet it is listed',
    ]);
  });

  test('lets a file exist whose upload was answered with 503', async () => {
    await using run = await against({ refuses: () => 503 });
    await run.upload();
    assertKept(await run.verdict());
    assert.deepEqual([...run.ledger.log.tally.keys()], ['upload 503 Refused']);
  });

  test('tells a file that is there after its delete was acknowledged, when it is read and when it is listed', async () => {
    await using run = await against({ deletes: () => false });
    const entry = await run.upload();
    await run.client.delete(entry);
    await run.client.download(entry);
    await run.client.list();
    const undead = 'test.1 was there after its delete was acknowledged';
    assert.deepEqual(sentences(run.ledger.violations), [undead, undead]);
    assert.match(
      sentences((await run.verdict()).violations).join(),
      /its delete was acknowledged, and yet it is there/,
    );
  });

  test('tells a file that the list leaves out', async () => {
    await using run = await against({ lists: () => false });
    await run.upload();
    assert.deepEqual(sentences((await run.verdict()).violations), ['test.1: it can be read and is not listed']);
  });

  test('tells a file that is gone after a delete of it was refused', async () => {
    await using run = await against({ refusesDeletes: 400 });
    const [read, left] = [await run.upload(), await run.upload()];
    for (const entry of [read, left]) await run.client.delete(entry);
    run.store.lose();
    await run.client.download(read);
    assert.deepEqual(sentences((await run.verdict()).violations), [
      'test.1 was acknowledged and is gone',
      'test.1: it was acknowledged and is gone',
      'test.2: it was acknowledged and is gone',
    ]);
  });

  test('tells an acknowledgement and a list that say nothing', async () => {
    await using run = await against({ saysNothing: true });
    await run.upload();
    await run.client.list();
    assert.deepEqual(sentences(run.ledger.violations), [
      'test.1 has 5000 bytes and was acknowledged without an id, with undefined',
      'a list was answered with 200, and names no files',
    ]);
    assert.equal(run.ledger.log.running, 0);
  });

  test('tells a file that is gone although nobody deleted it, as soon as somebody asks', async () => {
    await using run = await against({ keeps: () => null });
    await run.client.download(await run.upload());
    assert.deepEqual(sentences(run.ledger.violations), ['test.1 was acknowledged and is gone']);
  });
});

describe('a mixed load', () => {
  test('finds one lie among many honest answers', async () => {
    await using store = await LyingStore.start();
    await using load = startMixedLoad({ gateways: [store.url], seed: 'one-lie', bytesMax: 50_000 });
    await load.untilAcknowledged(20);
    store.lies = { keeps: (bytes, filename) => (filename.endsWith('1') ? null : bytes) };
    await load.untilAcknowledged(30);
    store.lies = {};
    const ledger = await load.stop();
    using rest = new RestClient(store.url);
    const { violations, kept } = await verifyLedger(ledger, rest);
    assert.ok(violations.length > 0);
    assert.ok(kept > 0);
    for (const { what } of violations) assert.match(what, /1(:| ).*gone/);
  });

  test('goes on through refusals and broken connections, and counts them by code', async () => {
    await using store = await LyingStore.start({ refuses: (filename) => (filename.endsWith('3') ? 503 : null) });
    await using load = startMixedLoad({ gateways: [store.url, new URL('http://127.0.0.1:9')], seed: 'refusals' });
    await load.untilAcknowledged(20);
    const ledger = await load.stop();
    using rest = new RestClient(store.url);
    assertKept(await verifyLedger(ledger, rest));
    const answers = [...ledger.log.tally.keys()];
    assert.ok(answers.includes('upload 503 Refused'), answers.join());
    assert.ok(answers.includes('upload ECONNREFUSED'), answers.join());
    assert.equal(ledger.log.running, 0);
  });

  test('keeps files that it may hold the store to, however long its deletes are refused', async () => {
    await using store = await LyingStore.start();
    await using load = startMixedLoad({ gateways: [store.url], seed: 'outage', bytesMax: 5_000 });
    await load.untilAcknowledged(60);
    store.lies = { refusesDeletes: true, refuses: () => 503, keeps: () => null };
    const many = load.ledger.log.count + 300;
    await until({ what: 'an outage of 300 calls', withinMs: 30_000 }, () => load.ledger.log.count >= many);
    const ledger = await load.stop();
    using rest = new RestClient(store.url);
    const { violations, kept } = await verifyLedger(ledger, rest);
    assert.deepEqual(violations, []);
    assert.ok(kept >= 20, `only ${kept} files are left that must be there`);
  });

  test('sends the same files to the same store for the same seed', async () => {
    const sizes = async () => {
      await using store = await LyingStore.start();
      await using load = startMixedLoad({ gateways: [store.url], seed: 'same', clients: 1 });
      await load.untilAcknowledged(10);
      return [...(await load.stop()).entries].slice(0, 5).map(({ file }) => file.sizeBytes);
    };
    assert.deepEqual(await sizes(), await sizes());
  });
});
