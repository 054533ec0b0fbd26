import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from './errors.ts';
import type { FoundObject } from './find-object.ts';
import { lookAgain, overtaken } from './look-again.ts';

const gone = () => new StoreError('FileNotFound', 'the version was deleted');

/** What is replaced `times` times, each time that it is used. */
function replaced(times: number, fail: () => void) {
  let uid = 0;
  const look = async () => ({ version: { versionUid: `${uid}` } }) as FoundObject;
  const use = async ({ version }: FoundObject) => {
    if (uid === times) return version?.versionUid;
    uid += 1;
    fail();
    return overtaken;
  };
  return lookAgain(look, use);
}

const reasons = {
  'says so': () => undefined,
  'finds no bytes': () => {
    throw gone();
  },
};

for (const [what, reason] of Object.entries(reasons)) {
  test(`what is replaced before it is used is looked up again, and given up after four looks, when its use ${what}`, async () => {
    assert.equal(await replaced(3, reason), '3');
    await assert.rejects(replaced(4, reason), { code: 'Overloaded' });
  });
}

test('a version that stays and has no bytes is unavailable, and any other failure is told as it is', async () => {
  const look = async () => ({ version: { versionUid: '1' } }) as FoundObject;
  const failing = (error: Error) =>
    lookAgain(look, async () => {
      throw error;
    });
  await assert.rejects(failing(gone()), { code: 'DataUnavailable' });
  const damaged = new StoreError('DataDamaged', 'no copy is whole');
  await assert.rejects(failing(damaged), (error) => error === damaged);
});
