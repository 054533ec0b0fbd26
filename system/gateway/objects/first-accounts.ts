import type { Logger } from '../../common/log.ts';
import type { Random } from '../../common/random.ts';
import { newKeyPair } from './access-keys.ts';
import type { Account, Accounts, KeyPair } from './account-ports.ts';
import type { Metadata } from './ports.ts';

export interface FirstAccountsDeps {
  readonly metadata: Accounts & Pick<Metadata, 'withJobLock'>;
  readonly random: Random;
  readonly log: Logger;
}

const root: Account = { accountId: 'root', displayName: 'root', email: null };

/**
 * What must be there before anybody can ask for anything: the accounts that a file names, and the root account with the
 * key that a setting names. Without one, a root account that has no key yet gets one, which is told in the log, once.
 */
export async function putFirstAccounts(
  { metadata, random, log }: FirstAccountsDeps,
  accounts: readonly (Account & { readonly keys: readonly KeyPair[] })[],
  rootKey: KeyPair | undefined,
): Promise<void> {
  if (accounts.length > 0) await metadata.putAccounts(accounts);
  if (rootKey !== undefined) return metadata.putAccounts([{ ...root, keys: [rootKey] }]);
  // Of gateways that start together, one makes it.
  await metadata.withJobLock('first-accounts', async () => {
    const keys = await metadata.accessKeys();
    if (keys.some(({ account }) => account.accountId === root.accountId)) return;
    const key = newKeyPair(random);
    await metadata.putAccounts([{ ...root, keys: [key] }]);
    log.info({ access_key: key.accessKey, secret_key: key.secretKey }, 'made a key for the S3 account root');
  });
}
