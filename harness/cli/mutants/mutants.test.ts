/** The command judged by itself: what it calls caught must have been caught, and by nothing but the bug. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { livingHarness } from '../../kit/cluster/process-record.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { until } from '../../kit/testing/until.ts';

const command = join(repositoryRoot, 'harness/cli/sextant.mjs');
const scratchRoot = join(repositoryRoot, '.sextant/scratch');
const ranges = 'system/gateway/objects/byte-range';
const rangeEnds = 'Math.min(Number(last) + 1, sizeBytes)';

test('a bug is caught, missed, or does not apply any more, and each is told', { timeout: 240_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-mutants-'));
  const bugs = join(dir, 'bugs');
  const line = (await readFile(join(repositoryRoot, `${ranges}.ts`), 'utf8'))
    .split('\n')
    .find((text) => text.includes(rangeEnds));
  try {
    await writeMutant(bugs, '1-wrong', `-${line}\n+${line?.replace(' + 1', '')}`);
    await writeMutant(bugs, '2-harmless', `-${line}\n+${line}\n+  `);
    await writeMutant(bugs, '3-stale', '-no such line\n+anything');
    const { exitCode, text } = await run(['--mutants-dir', bugs, '--report-dir', join(dir, 'report')]);
    assert.match(
      text,
      /1 of 3 caught, 0 half caught, 1 missed \(2-harmless\), 0 undecided, 1 does not apply \(3-stale\)/,
    );
    assert.equal(exitCode, 1);
    const { outcomes } = JSON.parse(await readFile(join(dir, 'report/mutants.json'), 'utf8'));
    assert.equal(outcomes[0].by, `unit ${ranges}.test.ts`);
    assert.match(outcomes[0].again, /npx sextant mutants --only 1-wrong --seed 1/);

    const believed = ['--only', 'wrong', '--no-verify-clean'];
    const alone = await run(['--mutants-dir', bugs, '--report-dir', join(dir, 'report'), ...believed]);
    assert.equal(alone.exitCode, 0, alone.text);
    // Into the same folder: what it told of the others stays.
    const table = await readFile(join(dir, 'report/mutants.md'), 'utf8');
    assert.match(
      table,
      /1 of 3 caught[\s\S]*\| 1-wrong \|.*\| caught \| unit [\s\S]*\| 3-stale \|.*\| does not apply \|/,
    );
    assert.equal((await run(['--only', 'unheard-of'])).exitCode, 3);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('ended by Ctrl-C, it leaves no copy of the tree', { timeout: 120_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-mutants-'));
  try {
    const child = spawn(process.execPath, [command, 'mutants', '--only', '12', '--report-dir', dir], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const copy = await copyOf(Number(child.pid));
    child.kill('SIGINT');
    assert.deepEqual(await ended, [130, null]);
    assert.equal(existsSync(copy), false, `${copy} is still there`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

/** The folder where that process plants its bug, once there is something in it to remove. */
function copyOf(pid: number): Promise<string> {
  return until({ what: 'a copy of the tree', withinMs: 30_000 }, () => {
    const copies = existsSync(scratchRoot) ? readdirSync(scratchRoot).map((name) => join(scratchRoot, name)) : [];
    return copies.find((copy) => livingHarness(copy)?.pid === pid && existsSync(join(copy, 'system')));
  });
}

async function writeMutant(dir: string, name: string, hunk: string): Promise<void> {
  await mkdir(join(dir, name), { recursive: true });
  const text = { breaks: 'Ranges.', incident: 'None.', source: 'https://example.com' };
  const checks = [{ kind: 'unit', file: `${ranges}.test.ts` }];
  await writeFile(join(dir, name, 'mutant.json'), JSON.stringify({ ...text, checks }));
  const head = `--- a/${ranges}.ts\n+++ b/${ranges}.ts\n@@ -1 +1 @@\n`;
  await writeFile(join(dir, name, 'mutant.patch'), `${head}${hunk}\n`);
}

async function run(args: string[]): Promise<{ exitCode: number; text: string }> {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const env = { ...environment, NO_COLOR: '1' };
  return promisify(execFile)(process.execPath, [command, 'mutants', ...args], { env }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, text: stdout + stderr }),
    (error) => ({ exitCode: Number(error.code), text: `${error.stdout}${error.stderr}` }),
  );
}
