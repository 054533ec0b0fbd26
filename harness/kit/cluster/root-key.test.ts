import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootKey } from './root-key.ts';

test('a root key is made once for a data folder, is kept from others, and gives way to what the settings name', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sextant-root-key-'));
  try {
    const first = rootKey(dataDir, {});
    assert.match(first.accessKey, /^SX[A-Z2-7]{18}$/);
    assert.match(first.secretKey, /^[\w-]{40}$/);
    assert.deepEqual(rootKey(dataDir, {}), first);
    assert.equal((await stat(join(dataDir, 'root-key.json'))).mode & 0o777, 0o600);
    const settings = { SEXTANT_S3_ROOT_ACCESS_KEY: 'named', SEXTANT_S3_ROOT_SECRET_KEY: 'too' };
    assert.deepEqual(rootKey(dataDir, settings), { accessKey: 'named', secretKey: 'too' });
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
