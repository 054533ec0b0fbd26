import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textByName } from './known-children.ts';
import { readXml } from './read-xml.ts';

const read = (text: string, root = 'Delete') => readXml(Buffer.from(text), root);
const malformed = { code: 'MalformedXML' };

test('elements are read with their text, and whatever namespace they are in', () => {
  const root = read(
    '<?xml version="1.0" encoding="UTF-8"?>\n<s3:Delete xmlns:s3="urn:any"><s3:Object><Key> a&amp;b&#x41;<![CDATA[<c>]]></Key></s3:Object></s3:Delete>',
  );
  assert.equal(root.children[0]?.name, 'Object');
  assert.equal(root.children[0]?.children[0]?.text, ' a&bA<c>');
});

test('a document type is refused, and with it every entity of its own', () => {
  assert.throws(() => read('<!DOCTYPE Delete [<!ENTITY a "aaaa">]><Delete>&a;</Delete>'), malformed);
  assert.throws(() => read('<!DOCTYPE Delete SYSTEM "file:///etc/hostname"><Delete/>'), malformed);
  assert.throws(() => read('<Delete>&a;</Delete>'), malformed);
});

test('what is not well-formed, not UTF-8, empty or another document is refused', () => {
  for (const text of [
    '',
    'Delete',
    '<Delete>',
    '<Delete></Object>',
    '<Delete/><Delete/>',
    '<Delete a=1/>',
    '<Other/>',
  ]) {
    assert.throws(() => read(text), malformed, text);
  }
  assert.throws(() => readXml(Buffer.from([0x3c, 0x61, 0xff, 0x3e]), 'a'), malformed);
  assert.throws(() => read('<?php 1 ?><Delete/>'), malformed);
});

test('elements may not be nested without end, nor be too many', () => {
  assert.throws(() => read(`<Delete>${'<a>'.repeat(10)}${'</a>'.repeat(10)}</Delete>`), malformed);
  assert.throws(() => read(`<Delete>${'<a/>'.repeat(100_000)}</Delete>`), malformed);
});

test('children that are unknown, or come twice, are refused', () => {
  const names = ['Key', 'VersionId'] as const;
  assert.deepEqual(textByName(read('<Delete><Key>a</Key></Delete>'), names), { Key: 'a' });
  assert.throws(() => textByName(read('<Delete><Key>a</Key><Key>b</Key></Delete>'), names), malformed);
  assert.throws(() => textByName(read('<Delete><Kez>a</Kez></Delete>'), names), malformed);
});
