import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListedFile } from './list-cases.ts';
import { listingEnvironment } from './run-settings.ts';

const sibling = (name: string) => join(import.meta.dirname, name);

test('a case may take longer on containers, and as long as its tier says', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-list-'));
  try {
    const file = join(dir, 'a.test.ts');
    const options = "{ cluster: 'own', timeoutMs: { fast: 10, full: 700 } }";
    const kit = JSON.stringify(sibling('test-case.ts'));
    await writeFile(file, `import { testCase } from ${kit};\ntestCase('A1', 'one', ${options}, async () => {});\n`);
    const limit = (tier: 'fast' | 'full', target: 'processes' | 'containers') => {
      const env = { ...process.env, ...listingEnvironment({ tier, target }) };
      const printed = execFileSync(process.execPath, [sibling('list-cases.ts'), file], { env, encoding: 'utf8' });
      const [listed] = JSON.parse(printed) as ListedFile[];
      return listed?.cases[0]?.timeoutMs;
    };
    assert.equal(limit('fast', 'processes'), 10);
    assert.equal(limit('full', 'processes'), 700);
    assert.equal(limit('full', 'containers'), 1_400);
  } finally {
    await rm(dir, { recursive: true });
  }
});
