import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPieces, memoryStore } from './files.fixture.ts';
import { ShortBodies } from './short-bodies.ts';

const piece = Buffer.alloc(100);

test('bodies that were measured and not sent yet are held back still: of no more than four at once', async () => {
  const bodies = new ShortBodies();
  const measured = await Promise.all(Array.from({ length: 6 }, () => bodies.measure(inPieces(piece))));
  const late = await bodies.measure(inPieces(piece));
  const sizes = [...measured, late].map(({ declaredBytes }) => declaredBytes);
  assert.deepEqual(sizes, [100, 100, 100, 100, null, null, null]);

  const read: Buffer[] = [];
  for await (const data of measured[0]?.body ?? []) read.push(data);
  assert.ok(Buffer.concat(read).equals(piece));
  assert.equal((await bodies.measure(inPieces(piece))).declaredBytes, 100);
});

test('a body that is never sent, or breaks off, is not counted for ever', async () => {
  const { deps, files } = memoryStore({ nodes: 1 });
  const named = { filename: 'a', contentType: 'b/c', declaredBytes: null };
  const { signal } = new AbortController();
  async function* broken() {
    yield piece;
    throw new Error('the client is gone');
  }
  for (let turn = 0; turn < 4; turn++) {
    await assert.rejects(files.write(named, inPieces(piece), signal), { code: 'TooFewNodes' });
    await assert.rejects(files.write(named, broken(), signal), { message: 'the client is gone' });
  }
  assert.equal((await deps.shortBodies.measure(inPieces(piece))).declaredBytes, 100);
});
