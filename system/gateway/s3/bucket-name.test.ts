import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBucketName } from './bucket-name.ts';

test('names that follow the rules of AWS are good', () => {
  for (const name of ['abc', 'a-b', 'my.bucket', '1a1', 'a--b', 'xn-a', 'a'.repeat(63), '192.168.5', '1.2.3.4.5']) {
    assert.doesNotThrow(() => checkBucketName(name), name);
  }
});

test('others are refused', () => {
  const short = ['', 'a', 'ab', 'a'.repeat(64)];
  const characters = ['Abc', 'a_b', 'a b', 'ab/', 'a:b', 'bücher', '.ab', 'ab.', '-ab', 'ab-', 'a..b', 'a.-b', 'a-.b'];
  const reserved = ['192.168.5.4', 'xn--abc', 'sthree-abc', 'amzn-s3-demo-abc', 'abc-s3alias', 'abc--ol-s3', 'a.mrap'];
  for (const name of [...short, ...characters, ...reserved]) {
    assert.throws(() => checkBucketName(name), { code: 'InvalidBucketName' }, name);
  }
});
