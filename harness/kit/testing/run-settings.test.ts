import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromEnvironment, suiteOf, toEnvironment } from './run-settings.ts';

test('what the runner tells arrives in the processes of the tests', () => {
  const told = {
    cases: ['E1', 'E2'],
    seed: 42,
    tier: 'full' as const,
    recordsFile: '/r/cases.jsonl',
    logDir: '/r/logs',
    clusterFile: '/r/cluster.json',
    target: 'containers' as const,
    postgresVersion: 15 as const,
    targetUrl: null,
    s3Url: null,
    s3AccessKey: null,
    s3SecretKey: null,
    suitesDir: '/suites',
  };
  assert.deepEqual(fromEnvironment(toEnvironment(told)), told);
});

test('without a runner every case runs, with a seed that is drawn', () => {
  const settings = fromEnvironment({});
  assert.equal(settings.cases, null);
  assert.ok(settings.seed > 0);
  assert.equal(settings.tier, 'fast');
});

test('the suite of a file is the folder below the suites', () => {
  assert.equal(suiteOf('/suites/e2e/deep/a.test.ts', '/suites'), 'e2e');
});
