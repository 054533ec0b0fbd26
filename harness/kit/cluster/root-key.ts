import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Credentials, Settings } from './target.ts';

/** As long as those of AWS. */
const accessKeyChars = 20;
const secretKeyChars = 40;
const fileName = 'root-key.json';

/**
 * The key of the S3 root account for this data folder: what the settings name, or else what is kept in the folder, made
 * at its first use. The gateway gets it from whoever starts it, so that its user and its tests know it without asking.
 */
export function rootKey(dataDir: string, settings: Settings): S3Credentials {
  const { SEXTANT_S3_ROOT_ACCESS_KEY: accessKey, SEXTANT_S3_ROOT_SECRET_KEY: secretKey } = settings;
  // With only one of them the gateway refuses to start and says why, better than a guess of ours could.
  if (accessKey !== undefined || secretKey !== undefined) {
    return { accessKey: accessKey ?? '', secretKey: secretKey ?? '' };
  }
  const file = join(dataDir, fileName);
  return readKey(file) ?? makeKey(file);
}

function readKey(file: string): S3Credentials | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { access_key: accessKey, secret_key: secretKey } = JSON.parse(text);
  if (typeof accessKey !== 'string' || typeof secretKey !== 'string') {
    throw new Error(`${file} must hold access_key and secret_key; remove it to have a new key made`);
  }
  return { accessKey, secretKey };
}

function makeKey(file: string): S3Credentials {
  const key = { accessKey: `SX${base32(accessKeyChars - 2)}`, secretKey: base64Url(secretKeyChars) };
  const content = { access_key: key.accessKey, secret_key: key.secretKey };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}

/** Capitals and digits that nobody mistakes for one another. */
function base32(chars: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(chars), (byte) => alphabet[byte % alphabet.length]).join('');
}

/** Without `+` and `/`, so that a secret can be pasted anywhere. */
function base64Url(chars: number): string {
  return randomBytes(chars).toString('base64url').slice(0, chars);
}
