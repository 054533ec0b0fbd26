import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownProcesses, targetFlags, targetLabel } from './target-choice.ts';

const keys = { s3AccessKey: 'AKEXAMPLE', s3SecretKey: 'sk-example' };
const running = {
  ...ownProcesses,
  ...keys,
  target: 'url' as const,
  targetUrl: 'http://rest-key@127.0.0.1:8080',
  s3Url: 'http://127.0.0.1:9000',
};

test('the flags choose the same target again', () => {
  assert.equal(targetFlags(ownProcesses), '');
  assert.equal(targetFlags({ ...ownProcesses, target: 'containers' }), ' --target containers');
  const older = { ...ownProcesses, target: 'containers' as const, postgresVersion: 15 as const };
  assert.equal(targetFlags(older), ' --target containers --postgres 15');
  assert.equal(targetFlags(running), ' --target url:http://127.0.0.1:8080 --s3 http://127.0.0.1:9000');
});

test('no key is shown', () => {
  for (const text of [targetLabel(running), targetFlags(running)]) {
    for (const key of ['rest-key', ...Object.values(keys)]) assert.ok(!text.includes(key), text);
  }
});
