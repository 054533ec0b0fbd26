import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../common/config.ts';
import type { Account, KeyPair } from './objects/account-ports.ts';

const text = z.string().min(1);
const schema = z.array(
  z.object({
    id: text,
    display_name: text.optional(),
    email: z.string().nullish(),
    keys: z.array(z.object({ access_key: text, secret_key: text })).min(1),
  }),
);

/**
 * Reads a file of S3 accounts: `[{id, display_name, email, keys: [{access_key, secret_key}]}]`. Without a path there are
 * none. Throws ConfigError, which shows no secret.
 */
export function readAccountsFile(path: string | undefined): readonly (Account & { readonly keys: KeyPair[] })[] {
  if (path === undefined) return [];
  const parsed = schema.safeParse(readJson(path));
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`SEXTANT_S3_ACCOUNTS_FILE ${path} is wrong:\n${lines.join('\n')}`);
  }
  return parsed.data.map(({ id, display_name, email, keys }) => ({
    accountId: id,
    displayName: display_name ?? id,
    email: email ?? null,
    keys: keys.map((key) => ({ accessKey: key.access_key, secretKey: key.secret_key })),
  }));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    throw new ConfigError(`SEXTANT_S3_ACCOUNTS_FILE ${path} cannot be read: ${why}`);
  }
}
