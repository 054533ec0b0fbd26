import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDelete } from './delete-document.ts';

const read = (inner: string) => readDelete(Buffer.from(`<Delete>${inner}</Delete>`));
const object = (inner: string) => `<Object>${inner}</Object>`;

test('keys are read as they are, with their versions and conditions', () => {
  const { isQuiet, objects } = read(
    object('<Key> a </Key>') + object('<Key>b</Key><VersionId>null</VersionId><Size>3</Size>'),
  );
  assert.equal(isQuiet, false);
  assert.deepEqual(objects, [
    { key: ' a ', versionId: undefined, target: { key: ' a ', versionId: undefined, conditions: {} } },
    { key: 'b', versionId: 'null', target: { key: 'b', versionId: 'null', conditions: { sizeBytes: 3 } } },
  ]);
});

test('a version that cannot be, or a key that is too long, fails for itself', () => {
  const [bad, long, good] = read(
    object('<Key>a</Key><VersionId>no</VersionId>') +
      object(`<Key>${'k'.repeat(1_025)}</Key>`) +
      object('<Key>c</Key>'),
  ).objects;
  assert.equal(bad && 'error' in bad && bad.error.code, 'NoSuchVersion');
  assert.equal(long && 'error' in long && long.error.code, 'KeyTooLongError');
  assert.ok(good && 'target' in good);
});

test('a document without keys, with more than 1,000, or with what does not belong there is malformed', () => {
  read(object('<Key>k</Key>').repeat(1_000));
  const many = object('<Key>k</Key>').repeat(1_001);
  for (const inner of ['', '<Quiet>true</Quiet>', many, object(''), object('<Key></Key>'), '<Key>k</Key>']) {
    assert.throws(() => read(inner), { code: 'MalformedXML' }, inner.slice(0, 50));
  }
  assert.throws(() => readDelete(Buffer.from('')), { code: 'MissingRequestBodyError' });
});

test('quiet is a word of the document', () => {
  assert.equal(read(`<Quiet>true</Quiet>${object('<Key>k</Key>')}`).isQuiet, true);
});
