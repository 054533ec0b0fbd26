import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testMetadata } from './test-database.ts';

const { metadata } = await testMetadata();

const ada = { accountId: 'ada', displayName: 'Ada', email: 'ada@example.com' };
const key = (name: string) => ({ accessKey: name, secretKey: `secret of ${name}` });

test('a key is found with its account, and one that is not there is not', async () => {
  await metadata.putAccounts([{ ...ada, keys: [key('A1')] }]);
  const found = await metadata.accessKey('A1');
  assert.ok(found);
  const { createdAt, ...rest } = found;
  assert.deepEqual(rest, { ...key('A1'), isEnabled: true, account: ada });
  assert.ok(createdAt instanceof Date);
  assert.equal(await metadata.accessKey('a1'), undefined);
});

test('what is said again is made so, and what is not named stays', async () => {
  await metadata.putAccounts([
    { ...ada, keys: [key('B1')] },
    { ...ada, accountId: 'bob', email: null, keys: [key('B2')] },
  ]);
  await metadata.putAccounts([{ ...ada, displayName: 'Ada L.', keys: [{ accessKey: 'B1', secretKey: 'new' }] }]);
  const keys = (await metadata.accessKeys()).filter(({ accessKey }) => accessKey.startsWith('B'));
  assert.deepEqual(
    keys.map(({ accessKey, secretKey, account }) => [accessKey, secretKey, account.displayName, account.email]),
    [
      ['B1', 'new', 'Ada L.', 'ada@example.com'],
      ['B2', 'secret of B2', 'Ada', null],
    ],
  );
});

test('a key that was disabled stays so when it is said again, and can be enabled', async () => {
  await metadata.putAccounts([{ ...ada, keys: [key('C1')] }]);
  assert.equal(await metadata.setKeyEnabled('C1', false), true);
  await metadata.putAccounts([{ ...ada, keys: [key('C1')] }]);
  assert.equal((await metadata.accessKey('C1'))?.isEnabled, false);
  assert.equal(await metadata.setKeyEnabled('C1', true), true);
  assert.equal((await metadata.accessKey('C1'))?.isEnabled, true);
  assert.equal(await metadata.setKeyEnabled('not there', true), false);
});

test('gateways that say the same accounts at once do not stand in each other’s way', async () => {
  const all = ['x', 'y', 'z'].map((name) => ({ ...ada, accountId: name, keys: [key(`${name}1`), key(`${name}2`)] }));
  await Promise.all([all, all.toReversed(), all].map((said) => metadata.putAccounts(said)));
  assert.equal((await metadata.accessKeys()).filter(({ account }) => 'xyz'.includes(account.accountId)).length, 6);
});
