import type { AccessKey, Accounts } from '../objects/account-ports.ts';
import { type AccountRow, account } from './account-rows.ts';
import { type Database, idempotent } from './database.ts';

/** Who may ask, and the keys that they sign with. */
export function accounts(database: Database): Accounts {
  return {
    async accessKey(key) {
      const [row] = await database.query<AccessKeyRow>('access_key', ONE_KEY, [key], idempotent);
      return row === undefined ? undefined : accessKey(row);
    },

    async accessKeys() {
      return (await database.query<AccessKeyRow>('access_keys', ALL_KEYS, [], idempotent)).map(accessKey);
    },

    async putAccounts(all) {
      await database.query('put_accounts', PUT, [JSON.stringify(all)], idempotent);
    },

    async setKeyEnabled(key, isEnabled) {
      return (await database.query('set_key_enabled', ENABLE, [key, isEnabled], idempotent)).length > 0;
    },
  };
}

type AccessKeyRow = AccountRow & {
  readonly access_key: string;
  readonly secret_key: string;
  readonly is_enabled: boolean;
  readonly created_at: Date;
};

function accessKey(row: AccessKeyRow): AccessKey {
  return {
    accessKey: row.access_key,
    secretKey: row.secret_key,
    isEnabled: row.is_enabled,
    createdAt: row.created_at,
    account: account(row),
  };
}

const KEYS = `
  SELECT k.access_key, k.secret_key, k.is_enabled, k.created_at, a.account_id, a.display_name, a.email
  FROM access_keys k JOIN accounts a USING (account_id)`;
const ONE_KEY = `${KEYS} WHERE k.access_key = $1`;
const ALL_KEYS = `${KEYS} ORDER BY a.account_id, k.created_at, k.access_key`;

// A key that somebody disabled stays so, also when its secret is said again at every start. In one order, so that gateways
// that start together do not wait for each other in a circle.
const PUT = `
  WITH said AS (
    SELECT a ->> 'accountId' AS account_id, a ->> 'displayName' AS display_name, a ->> 'email' AS email, a -> 'keys' AS keys
    FROM jsonb_array_elements($1) AS a
  ), account AS (
    INSERT INTO accounts AS old (account_id, display_name, email)
    SELECT account_id, display_name, email FROM said ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE SET display_name = excluded.display_name, email = excluded.email
  )
  INSERT INTO access_keys (access_key, account_id, secret_key)
  SELECT k ->> 'accessKey', account_id, k ->> 'secretKey' FROM said, jsonb_array_elements(keys) AS k ORDER BY 1
  ON CONFLICT (access_key) DO UPDATE SET account_id = excluded.account_id, secret_key = excluded.secret_key`;

const ENABLE = 'UPDATE access_keys SET is_enabled = $2 WHERE access_key = $1 RETURNING access_key';
