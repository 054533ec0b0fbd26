import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { CaseContext } from '../../kit/testing/case-context.ts';
import { assertSameBytes, contentOf } from '../content.ts';
import { KiB, MiB } from '../sizes.ts';

/** The file of a tree that clients send in parts. */
export const largeFile = 'large/twenty megabytes.bin';
const largeFileBytes = 20_000_003;

/** Names that a file system allows and programs stumble over; sizes on both sides of what a store treats in different ways. */
const files: Readonly<Record<string, number>> = {
  empty: 0,
  'one byte': 1,
  'nested/a/b/c/d/e/f/g/h/deep.txt': 1_234,
  'nested/empty': 0,
  'sixteen KiB': 16 * KiB,
  'sixteen KiB and one': 16 * KiB + 1,
  'a megabyte': MiB,
  ' blanks/ at both ends ': 10,
  'plus+plus/per%cent%41%2F': 20,
  'query?a=b&c=d#hash': 30,
  'quotes "\'`/and <angles> &amp;': 40,
  '(round)[square]{curly}!*~@$,;:|^=': 50,
  'back\\slash': 60,
  '.hidden/.dot': 70,
  'ünïcödé/日本語/🙂.txt': 80,
  // The same letter, composed and not: two files.
  'caf\u00e9': 90,
  'cafe\u0301': 91,
  [`long/${'n'.repeat(200)}`]: 100,
  [largeFile]: largeFileBytes,
};

export const fileCount = Object.keys(files).length;

/**
 * S3 tells when an object was stored in whole seconds. A file younger than that looks newer than its own copy, and what goes by
 * times sends it again; so these are as old as files usually are.
 */
const modifiedAt = new Date('2020-02-02T02:02:02.222Z');

/** Writes a tree of files whose content the case's seed decides. Gives back the folder. */
export async function writeTree(ctx: CaseContext, folder: string): Promise<string> {
  for (const [name, sizeBytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), contentOf(ctx, name, sizeBytes));
    await utimes(join(folder, name), modifiedAt, modifiedAt);
  }
  return folder;
}

/** The same files with the same bytes, and no others. */
export async function assertSameTree(actual: string, expected: string): Promise<void> {
  const names = await filesBelow(expected);
  assert.deepEqual(await filesBelow(actual), names);
  for (const name of names) {
    assertSameBytes(await readFile(join(actual, name)), await readFile(join(expected, name)), name);
  }
}

/** By their paths below the folder, in order. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return found.map((file) => relative(folder, file)).sort();
}
