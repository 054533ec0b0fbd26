import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aliasOf, inner, portOf } from './inner-address.ts';

test('every address of this machine in a setting becomes the name of the part that has that port', () => {
  assert.equal(inner('127.0.0.1:20001,127.0.0.1:20002'), 'port-20001:20001,port-20002:20002');
  assert.equal(inner('postgres://a:b@127.0.0.1:20003/sextant'), 'postgres://a:b@port-20003:20003/sextant');
  assert.equal(inner('http://127.0.0.1:20004'), `http://${aliasOf(20004)}:20004`);
});

test('what is no address of this machine stays', () => {
  assert.equal(inner('127.0.0.1'), '127.0.0.1');
  assert.equal(inner('10.127.0.0:20001'), '10.127.0.0:20001');
  assert.equal(portOf('127.0.0.1:20001'), 20001);
});
