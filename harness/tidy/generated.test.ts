/** proto/gen is what the generator makes of proto/storage.proto, to the byte: nobody edits it by hand. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { read, root } from './repository.ts';

test('generating proto/gen anew changes nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sextant-generated-'));
  try {
    const buf = createRequire(import.meta.url).resolve('@bufbuild/buf/bin/buf');
    // The generator is started as `node`: it shall be the Node that runs this test.
    const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`;
    const options = { cwd: root, env: { ...process.env, PATH }, timeout: 60_000 };
    await promisify(execFile)(process.execPath, [buf, 'generate', '--output', folder], options);
    const made = await contents(path.join(folder, 'proto/gen'));
    const committed = await contents(path.join(root, 'proto/gen'));
    assert.deepEqual(committed, made, 'Run: npm run generate');
    assert.notEqual(made.size, 0, 'the generator made no file');
    assert.match(read('proto/gen/storage.ts'), /PutChunkRequest/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return new Map(
    await Promise.all(paths.map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const)),
  );
}
