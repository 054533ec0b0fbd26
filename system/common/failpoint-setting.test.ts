import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { ConfigError, parseConfig } from './config.ts';
import { failpointSetting } from './failpoint-setting.ts';

const schema = z.object({
  POINTS: failpointSetting({ 'a.first': { file: '', state: '' }, 'b.second': { file: '', state: '' } }),
});

function parsed(text: string) {
  return parseConfig(schema, { POINTS: text }).POINTS;
}

describe('the setting that arms failpoints', () => {
  test('arms none by default', () => {
    assert.deepEqual(parseConfig(schema, {}).POINTS, []);
  });

  test('names failpoints, actions, arguments and times', () => {
    assert.deepEqual(parsed('a.first:crash, b.second:delay:250@3,a.first:error:EIO@2,b.second:error,a.first:pause'), [
      { name: 'a.first', action: { kind: 'crash' }, time: 1 },
      { name: 'b.second', action: { kind: 'delay', delayMs: 250 }, time: 3 },
      { name: 'a.first', action: { kind: 'error', code: 'EIO' }, time: 2 },
      { name: 'b.second', action: { kind: 'error', code: undefined }, time: 1 },
      { name: 'a.first', action: { kind: 'pause' }, time: 1 },
    ]);
  });

  test('a wrong name is refused with the right ones', () => {
    assert.throws(() => parsed('c.third:crash'), /there is no failpoint c\.third; there are a\.first, b\.second/);
  });

  test('what is malformed is refused, all of it at once', () => {
    for (const text of ['a.first', 'a.first:burn', 'a.first:delay', 'a.first:crash:1', 'a.first:crash@0', ':crash']) {
      assert.throws(() => parsed(text), ConfigError, text);
    }
    assert.throws(
      () => parsed('c.third:crash,a.first:burn'),
      (error: Error) => /c\.third/.test(error.message) && /burn/.test(error.message),
    );
  });
});
