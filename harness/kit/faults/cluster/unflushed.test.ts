import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalLine } from '../preload/journal.ts';
import { unflushedAfter } from './unflushed.ts';

const temporary = '/data/tmp/1.part';
const chunk = '/data/chunks/ab/chunk-1';
const write: JournalLine = { did: 'write', path: temporary };
const flush: JournalLine = { did: 'sync', path: temporary };
const rename: JournalLine = { did: 'rename', from: temporary, to: chunk };
const flushNames: JournalLine = { did: 'sync', path: '/data/chunks/ab' };
const nothing = { bytes: [], names: [] };

function after(...lines: JournalLine[]) {
  return unflushedAfter(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

test('what was flushed, renamed and whose folder was flushed stays', () => {
  assert.deepEqual(after(write, flush, rename, flushNames), nothing);
});

test('bytes that were not flushed are lost, although their name stays', () => {
  assert.deepEqual(after(write, rename, flushNames), { bytes: [chunk], names: [] });
  assert.deepEqual(after(write, flush, write, rename, flushNames), { bytes: [chunk], names: [] });
});

test('a name whose folder was not flushed is lost, and so is one that was linked', () => {
  assert.deepEqual(after(write, flush, rename), { bytes: [], names: [chunk] });
  const link: JournalLine = { did: 'link', from: temporary, to: chunk };
  assert.deepEqual(after(write, flush, link), { bytes: [], names: [temporary, chunk] });
});

test('a name that came while its folder was flushed is lost, until the next flush', () => {
  const name: JournalLine = { did: 'name', path: chunk };
  assert.deepEqual(after(write, flush, rename, flushNames, name), { bytes: [], names: [chunk] });
  assert.deepEqual(after(write, rename, flushNames, name, flushNames), { bytes: [chunk], names: [] });
  assert.deepEqual(after(write, flush, rename, { did: 'unlink', path: chunk }, flushNames, name), nothing);
});

test('the folder of another file keeps nothing, and what was removed is not lost', () => {
  assert.deepEqual(after(write, flush, rename, { did: 'sync', path: '/data/chunks' }).names, [chunk]);
  assert.deepEqual(after(write, { did: 'unlink', path: temporary }), nothing);
});

test('the last line may be torn', () => {
  assert.deepEqual(unflushedAfter(`${JSON.stringify(write)}\n{"did":"unl`), { bytes: [], names: [temporary] });
});
