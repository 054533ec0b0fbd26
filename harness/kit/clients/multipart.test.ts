import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filePart, form, textPart } from './multipart.ts';

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('the declared size of a form is the size of its body', async () => {
  const parts = [
    textPart('note', 'grüße'),
    filePart({ filename: 'ö.bin', data: [Buffer.alloc(1000)], sizeBytes: 1000 }),
  ];
  const { sizeBytes, body } = form(parts);
  assert.equal((await bytesOf(body)).length, sizeBytes);
});

test('a standard parser reads back every part of a form', async () => {
  const data = Buffer.from('line\r\n--not the boundary');
  const { contentType, body } = form([
    textPart('note', 'hello'),
    filePart({ filename: 'a "b".txt', data: [data], contentType: 'text/plain' }),
  ]);
  const parsed = await new Response(await bytesOf(body), { headers: { 'content-type': contentType } }).formData();
  const file = parsed.get('file') as File;
  assert.equal(parsed.get('note'), 'hello');
  assert.deepEqual([file.name, file.type], ['a "b".txt', 'text/plain']);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), data);
});

test('a form with a part of unknown length has no declared size', () => {
  assert.equal(form([filePart({ filename: 'a', data: [] })]).sizeBytes, undefined);
});
