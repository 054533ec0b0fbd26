import type { Account } from '../objects/account-ports.ts';

export interface AccountRow {
  readonly account_id: string;
  readonly display_name: string;
  readonly email: string | null;
}

export function account(row: AccountRow): Account {
  return { accountId: row.account_id, displayName: row.display_name, email: row.email };
}
