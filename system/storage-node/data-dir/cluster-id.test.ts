import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom as random } from '../../common/random.ts';
import { diskFailure, faultyDisk } from '../chunks/faulty-disk.fixture.ts';
import { testStore } from '../chunks/store.fixture.ts';
import { systemDisk as disk } from '../chunks/system-disk.ts';
import { ClusterId } from './cluster-id.ts';

test('a data directory belongs to the first cluster that it hears of, also after a restart', async () => {
  await using node = await testStore();
  const cluster = await ClusterId.open(disk, node.dir, random);
  assert.equal(cluster.value, undefined);
  assert.deepEqual(await Promise.all([cluster.learn('mine'), cluster.learn('other'), cluster.learn('mine')]), [
    true,
    false,
    true,
  ]);
  assert.equal(await readFile(join(node.dir.root, 'cluster-id'), 'utf8'), 'mine\n');
  const reopened = await ClusterId.open(disk, node.dir, random);
  assert.equal(reopened.value, 'mine');
  assert.equal(await reopened.learn('other'), false);
});

test('a cluster that could not be kept was not learned, and is learned the next time', async () => {
  await using node = await testStore();
  let isBroken = true;
  const broken = faultyDisk(disk, {
    before: (operation, path) => {
      if (isBroken && operation === 'rename' && path.endsWith('cluster-id')) throw diskFailure('EIO');
    },
  });
  const cluster = await ClusterId.open(broken, node.dir, random);
  await assert.rejects(cluster.learn('mine'), /EIO/);
  assert.equal(cluster.value, undefined);
  isBroken = false;
  assert.equal(await cluster.learn('mine'), true);
});
