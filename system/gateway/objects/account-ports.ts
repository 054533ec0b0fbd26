// What the use cases over keys of accounts need from the metadata; a part of ObjectMetadata.

export interface Account {
  readonly accountId: string;
  readonly displayName: string;
  readonly email: string | null;
}

export interface AccessKey {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly account: Account;
}

export interface Accounts {
  accessKey(accessKey: string): Promise<AccessKey | undefined>;
  /** By account, oldest key first. */
  accessKeys(): Promise<readonly AccessKey[]>;
  /** Makes accounts and keys what is said here; accounts and keys that are not named stay as they are. */
  putAccounts(accounts: readonly (Account & { readonly keys: readonly KeyPair[] })[]): Promise<void>;
  /** False when there is no such key. */
  setKeyEnabled(accessKey: string, isEnabled: boolean): Promise<boolean>;
}

export interface KeyPair {
  readonly accessKey: string;
  readonly secretKey: string;
}
