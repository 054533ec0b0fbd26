import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom as random } from '../../common/random.ts';
import { testStore } from '../chunks/store.fixture.ts';
import { systemDisk as disk } from '../chunks/system-disk.ts';
import { keepServerId } from './server-id.ts';

test('a node without a name gets one, and keeps it', async () => {
  await using node = await testStore();
  const serverId = await keepServerId(disk, node.dir, undefined, random);
  assert.match(serverId, /^node-[0-9a-f]{8}$/);
  assert.equal(await keepServerId(disk, node.dir, undefined, random), serverId);
  assert.equal(await keepServerId(disk, node.dir, serverId, random), serverId);
  assert.equal(await readFile(join(node.dir.root, 'server-id'), 'utf8'), `${serverId}\n`);
});

test('a node that is given a name has it, and a data directory of another node is refused by name', async () => {
  await using node = await testStore();
  assert.equal(await keepServerId(disk, node.dir, 'node-7', random), 'node-7');
  await assert.rejects(keepServerId(disk, node.dir, 'node-8', random), /belongs to node node-7.*is node-8/);
});
