import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { chunkFileBytes } from './chunk-format.ts';
import { listChunks } from './chunk-listing.ts';
import { putBytes, testStore } from './store.fixture.ts';
import { systemDisk } from './system-disk.ts';

test('a listing has every id after the given one, once, in bytewise order, whatever the limit and the page', async () => {
  await using node = await testStore();
  const ids = Array.from({ length: 60 }, (_, n) => `${'aZ_-9bB0'[n % 8]}${(n * 7919) % 97}`);
  for (const id of ids) await putBytes(node.store, id, Buffer.from(id));
  await writeFile(join(node.dir.chunks, '00', 'not.a.chunk'), '');
  const sorted = [...new Set(ids)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.constantFrom('', ...ids), fc.stringMatching(/^[a-zA-Z0-9_-]{0,3}$/)),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 70 }),
      async (after, limit, pageIds) => {
        const listed: string[] = [];
        for await (const { chunkId, fileBytes } of listChunks(systemDisk, node.dir.chunks, after, limit, pageIds)) {
          listed.push(chunkId);
          assert.equal(fileBytes, chunkFileBytes(chunkId.length));
        }
        assert.deepEqual(listed, sorted.filter((id) => id > after).slice(0, limit));
      },
    ),
    { numRuns: 25 },
  );
});
