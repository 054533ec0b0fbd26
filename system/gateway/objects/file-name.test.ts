import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkContentType, checkFileName } from './file-name.ts';

for (const name of [
  'a',
  'report.pdf',
  'naïve 文件 ملف 🛰.txt',
  '...',
  'x'.repeat(255),
  '文'.repeat(255),
  ' leading',
  'semi;colon"quote',
]) {
  test(`${JSON.stringify(name.slice(0, 30))} is a file name`, () => assert.equal(checkFileName(name), name));
}

for (const name of [
  '',
  'x'.repeat(256),
  'x'.repeat(300),
  'a/b',
  '../../etc/passwd',
  'C:\\x',
  '.',
  '..',
  'nul\0',
  'line\nbreak',
  '\ud800',
]) {
  test(`${JSON.stringify(name.slice(0, 30))} is refused as a file name`, () => {
    assert.throws(() => checkFileName(name), { code: 'InvalidName' });
  });
}

for (const type of ['text/plain', 'application/vnd.x+json; charset=utf-8', 'image/svg+xml']) {
  test(`${type} is a content type`, () => assert.equal(checkContentType(type), type));
}

for (const type of ['', 'text', 'text/', 'text/plain\r\nX: y', 'text/plain; ä', `text/${'x'.repeat(300)}`]) {
  test(`${JSON.stringify(type.slice(0, 30))} is refused as a content type`, () => {
    assert.throws(() => checkContentType(type), { code: 'InvalidRequest' });
  });
}
