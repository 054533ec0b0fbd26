import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from './config.ts';

test('only the data directory is needed', () => {
  const config = loadConfig({ SEXTANT_NODE_DATA_DIR: '/data' });
  assert.equal(config.dataDir, '/data');
  assert.equal(config.port, 50_051);
  assert.deepEqual(config.gateways, []);
  assert.equal(config.quotaBytes, undefined);
});

test('every bad setting is reported at once', () => {
  const load = () =>
    loadConfig({
      SEXTANT_NODE_PORT: '70000',
      SEXTANT_NODE_DIRECT_IO: 'maybe',
      SEXTANT_NODE_ID: 'no spaces',
      SEXTANT_GATEWAYS: 'ftp://gateway',
      SEXTANT_NODE_QUOTA_BYTES: '-1',
      SEXTANT_LOG_LEVEL: 'loud',
    });
  for (const key of ['DATA_DIR', 'PORT', 'DIRECT_IO', 'ID', 'QUOTA_BYTES']) {
    assert.throws(load, (error: Error) => error.message.includes(`SEXTANT_NODE_${key}: `), key);
  }
  assert.throws(load, /SEXTANT_GATEWAYS/);
  assert.throws(load, /SEXTANT_LOG_LEVEL/);
});

test('away from loopback, gateways need an address to dial and a token', () => {
  const env = { SEXTANT_NODE_DATA_DIR: '/data', SEXTANT_NODE_HOST: '0.0.0.0', SEXTANT_GATEWAYS: 'http://gateway:8080' };
  assert.throws(() => loadConfig(env), /SEXTANT_NODE_ADVERTISE[\s\S]*SEXTANT_CLUSTER_TOKEN/);
  const config = loadConfig({ ...env, SEXTANT_NODE_ADVERTISE: 'node-1:50051', SEXTANT_CLUSTER_TOKEN: 'secret' });
  assert.deepEqual(config.gateways, ['http://gateway:8080']);
});
