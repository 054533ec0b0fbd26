/**
 * Asks for ids that a node must not take. A failure means that a client can name files outside of the chunk folder,
 * or make a node fail in a way that tells it nothing.
 */
import assert from 'node:assert/strict';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { testCase } from '../kit/testing/test-case.ts';
import { oneAndSix, onOneAndOnSix } from './nodes-under-test.ts';
import { drain, refusedWith } from './refused.ts';

const badIds = {
  'the empty id': '',
  'an id of 201 characters': 'a'.repeat(201),
  'a path upwards': '../../outside',
  'an absolute path': '/etc/passwd',
  'a path downwards': 'a/b',
  'the folder itself': '.',
  'a dot in the middle': 'a.b',
  'a path of another system': '..\\..\\outside',
  'a zero byte': 'a\0b',
  'a line break at the end': 'abc\n',
  'a letter outside of ASCII': 'chünk',
  'a blank': 'a b',
};

testCase(
  'G2',
  'an empty, over-long or path-like chunk id is INVALID_ARGUMENT in every call',
  oneAndSix,
  async (ctx) => {
    await onOneAndOnSix(ctx, async ({ client, dataDir }) => {
      const before = await client.healthCheck();
      for (const [what, chunkId] of Object.entries(badIds)) {
        const put = client.putMessages([{ chunkId, data: Buffer.from('some bytes') }]);
        await refusedWith('INVALID_ARGUMENT', put, `PutChunk of ${what}`);
        await refusedWith('INVALID_ARGUMENT', drain(client.getChunk({ chunkId })), `GetChunk of ${what}`);
        await refusedWith('INVALID_ARGUMENT', client.deleteChunk(chunkId), `DeleteChunk of ${what}`);
        await refusedWith('INVALID_ARGUMENT', client.verifyChunk(chunkId), `VerifyChunk of ${what}`);
      }
      await refusedWith('INVALID_ARGUMENT', client.putMessages([]), 'PutChunk without any message');
      const twoIds = [{ chunkId: 'one' }, { chunkId: 'other', data: Buffer.from('some bytes') }];
      await refusedWith('INVALID_ARGUMENT', client.putMessages(twoIds), 'PutChunk with two ids');
      await assert.rejects(lstat(join(dataDir, '..', 'outside')), { code: 'ENOENT' });
      assert.equal((await client.healthCheck()).status, before.status);
    });
  },
);

testCase('G2b', 'an id of 1 and one of 200 characters, with every kind allowed, are taken', oneAndSix, async (ctx) => {
  await onOneAndOnSix(ctx, async ({ client }) => {
    for (const chunkId of ['a', '-', '_', `${'Zz09-_'.repeat(33)}xy`]) {
      const answer = await client.putMessages([{ chunkId, data: Buffer.from(chunkId) }]);
      assert.equal(answer.chunkId, chunkId);
      const pieces = await Array.fromAsync(client.getChunk({ chunkId }));
      assert.equal(Buffer.concat(pieces).toString(), chunkId);
      await client.deleteChunk(chunkId);
    }
  });
});
