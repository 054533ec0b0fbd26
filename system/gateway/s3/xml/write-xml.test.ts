import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readXml } from './read-xml.ts';
import { xmlDocument, xmlElement, xmlText } from './write-xml.ts';

test('a document has its namespace, its elements and no markup that was in the text', () => {
  assert.equal(
    xmlDocument('R', [xmlElement('E', [xmlText('T', '"a"<b>&c')]), xmlText('N', 7), xmlText('U', undefined)]),
    '<?xml version="1.0" encoding="UTF-8"?>\n<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><E><T>&quot;a&quot;&lt;b&gt;&amp;c</T></E><N>7</N></R>',
  );
});

test('moments are told in whole seconds, never later than they were', () => {
  assert.equal(xmlText('M', new Date('2026-01-02T03:04:05.999Z')), '<M>2026-01-02T03:04:05.000Z</M>');
});

test('control characters are told as references', () => {
  assert.equal(xmlText('K', 'a\u0001\r\u007f'), '<K>a&#x1;&#xd;&#x7f;</K>');
});

test('any text that XML can hold is read back as it was written', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => [...value].every((character) => character >= ' '));
  fc.assert(
    fc.property(text, (value) => {
      const document = xmlDocument('R', [xmlText('T', value)]);
      assert.equal(readXml(Buffer.from(document), 'R').children[0]?.text, value);
    }),
  );
});
