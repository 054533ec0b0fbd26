import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Call } from '../../history/events.ts';
import { Choices } from '../../seed/choices.ts';
import { KnownValues } from '../../workloads/known-values.ts';
import { partSpans } from '../../workloads/part-spans.ts';
import type { ClientPlan } from '../plan.ts';
import { generateClients } from './generate-clients.ts';
import type { WorkloadKind, WorkloadOptions } from './workload-options.ts';

const MiB = 1024 * 1024;
const kinds: WorkloadKind[] = ['registers', 'sets', 'multipart', 'large objects', 'files', 'mixed'];
const options: WorkloadOptions = {
  kind: 'registers',
  clients: 4,
  gateways: 2,
  keys: 12,
  operationsPerSecond: 20,
  seconds: 15,
  bytesMax: 32 * MiB,
  skew: 'uniform',
  conditionalPerCent: 30,
};

type Put = Extract<Call, { kind: 'put' }>;

function planOf(kind: WorkloadKind, { seed = 'seed', ...more }: Partial<WorkloadOptions> & { seed?: string } = {}) {
  return generateClients({ ...options, kind, ...more }, new Choices(seed));
}

function callsOf(clients: readonly ClientPlan[]): Call[] {
  return clients.flatMap(({ operations }) => operations).map(({ call }) => call);
}

function putsOf(clients: readonly ClientPlan[]): Put[] {
  return callsOf(clients).filter((call) => call.kind === 'put');
}

for (const kind of kinds) {
  describe(`the clients of ${kind}`, () => {
    test('are the same for the same seed, and others for another', () => {
      assert.deepEqual(planOf(kind), planOf(kind));
      assert.notDeepEqual(planOf(kind), planOf(kind, { seed: 'other' }));
    });

    test('do what they do at the rate, through the gateways and with the sizes of the options', () => {
      const plan = planOf(kind);
      assert.deepEqual(
        plan.map(({ name, operations }) => [name, operations.length]),
        [1, 2, 3, 4].map((n) => [`client-${n}`, 300]),
      );
      for (const { operations } of plan) {
        for (const [index, { atMs, gateway }] of operations.entries()) {
          assert.ok(atMs >= index * 50 && atMs < (index + 1) * 50, `operation ${index} is planned at ${atMs} ms`);
          assert.ok(gateway === 0 || gateway === 1);
        }
      }
      for (const { bytes } of putsOf(plan)) assert.ok(bytes >= 8 && bytes <= options.bytesMax, `${bytes} bytes`);
    });

    test('put every value once, in parts that S3 takes', () => {
      const plan = planOf(kind);
      const puts = putsOf(plan);
      assert.equal(new Set(puts.map(({ value }) => value)).size, puts.length);
      assert.doesNotThrow(() => new KnownValues({ clients: plan }));
      for (const { bytes, parts } of puts) {
        const spans = partSpans(bytes, parts);
        assert.ok(spans.slice(0, -1).every(({ lengthBytes }) => lengthBytes >= 5 * MiB));
        assert.equal(
          spans.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
          bytes,
        );
      }
    });

    test('ask for ranges that begin within whatever is there', () => {
      const plan = planOf(kind);
      for (const call of callsOf(plan)) {
        if (call.kind !== 'get' || call.range === null) continue;
        const sizes = putsOf(plan).filter(({ key }) => key === call.key);
        assert.ok(sizes.every(({ bytes }) => (call.range?.first ?? 0) < bytes));
        assert.ok(call.range.first <= call.range.last);
      }
    });
  });
}

test('registers are cut in chunks in half of the puts at least, kept in a row in others, and lie on the border in some', () => {
  const sizes = putsOf(planOf('registers')).map(({ bytes }) => bytes);
  const inline = 16 * 1024;
  assert.ok(sizes.filter((bytes) => bytes > inline).length >= sizes.length / 2);
  assert.ok(sizes.some((bytes) => bytes <= 40));
  for (const bytes of [inline, inline + 1]) assert.ok(sizes.includes(bytes), `no put of ${bytes} bytes`);
});

test('registers have conditions in about the share that was asked for, and a compare and swap reads first', () => {
  const calls = planOf('registers', { conditionalPerCent: 100 }).flatMap(({ operations }) =>
    operations.map(({ call }) => call),
  );
  const conditions = calls.flatMap((call) => (call.kind === 'put' ? [call.condition] : []));
  assert.ok(conditions.every((condition) => condition !== null));
  for (const [index, call] of calls.entries()) {
    if (call.kind !== 'put' || call.condition === null || !('ifMatch' in call.condition)) continue;
    const before = calls[index - 1];
    assert.deepEqual([before?.kind, before?.kind === 'get' && before.key], ['get', call.key]);
  }
  assert.equal(
    putsOf(planOf('registers', { conditionalPerCent: 0 })).filter(({ condition }) => condition !== null).length,
    0,
  );
});

test('a skew makes the first keys popular, and none makes all about equal', () => {
  const shareOfFirst = (skew: WorkloadOptions['skew']) => {
    const puts = putsOf(planOf('registers', { skew }));
    return puts.filter(({ key }) => key === 'registers/0').length / puts.length;
  };
  assert.ok(shareOfFirst('uniform') < 0.15);
  assert.ok(shareOfFirst({ zipfExponent: 1.2 }) > 0.25);
});

test('a file is uploaded before it is planned to be used, by whomever, and deleted once at most', () => {
  const operations = planOf('files').flatMap(({ operations }) => operations);
  const uploadedAtMs = new Map(operations.flatMap(({ atMs, call }) => (call.kind === 'put' ? [[call.key, atMs]] : [])));
  const deleted = operations.flatMap(({ call }) => (call.kind === 'delete' ? [call.key] : []));
  for (const { atMs, call } of operations) {
    if (call.kind === 'list') assert.fail('pages of /files shift under load');
    // The round in which it is uploaded may be the one in which it is used.
    assert.ok((uploadedAtMs.get(call.key) ?? Number.POSITIVE_INFINITY) < atMs + 50);
  }
  assert.ok(deleted.length > 10);
  assert.equal(new Set(deleted).size, deleted.length);
});

test('mixed users do all of it, and nothing in parts where the values are too small for it', () => {
  const folders = (clients: readonly ClientPlan[]) => new Set(putsOf(clients).map(({ key }) => key.split(/[/-]/)[0]));
  assert.deepEqual([...folders(planOf('mixed'))].toSorted(), ['files', 'large', 'multipart', 'registers', 'sets']);
  assert.ok(!folders(planOf('mixed', { bytesMax: MiB })).has('multipart'));
});
