/**
 * The runner judged by itself: on suites made for the purpose it must call a failure a failure, end what hangs,
 * and never report success when nothing ran. If one of these fails, no green run means anything.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../kit/cluster/repository.ts';

const kit = join(repositoryRoot, 'harness/kit/testing/test-case.ts');
const command = join(repositoryRoot, 'harness/cli/sextant.mjs');
const deadlineMs = 60_000;

interface Run {
  readonly exitCode: number;
  readonly lines: string[];
  readonly text: string;
  readonly reportDir: string;
}

/** Runs `sextant test` over a suite `demo` that holds these test files. */
async function runSuite(files: Record<string, string>, ...args: string[]): Promise<Run & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-runner-'));
  await mkdir(join(dir, 'demo'), { recursive: true });
  for (const [name, code] of Object.entries(files)) {
    const imports = `import assert from 'node:assert/strict';\nimport { testCase } from ${JSON.stringify(kit)};\n`;
    await writeFile(join(dir, 'demo', name), imports + code);
  }
  const remove = () => rm(dir, { recursive: true, force: true });
  return { ...(await runIn(dir, args)), [Symbol.asyncDispose]: remove };
}

/** Runs the suite that lies in `dir`, with the same folder for its report each time. */
async function runIn(dir: string, args: readonly string[]): Promise<Run> {
  const reportDir = join(dir, 'report');
  const all = [command, 'test', '--suites-dir', dir, '--suite', 'demo', '--report-dir', reportDir, ...args];
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const options = { env: { ...environment, NO_COLOR: '1' }, timeout: deadlineMs };
  const { exitCode, stdout, stderr } = await promisify(execFile)(process.execPath, all, options).then(
    (output) => ({ exitCode: 0, ...output }),
    (error) => ({ exitCode: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) }),
  );
  const text = stdout + stderr;
  return { exitCode, lines: stdout.trimEnd().split('\n'), text, reportDir };
}

const own = "{ cluster: 'own' }";
const passing = `testCase('A1', 'one is one', ${own}, async (ctx) => { ctx.note('MB/s', 312); });`;

describe('sextant test', () => {
  test('reports a passing case with its figures and exits with 0', async () => {
    await using run = await runSuite({ 'a.test.ts': passing });
    assert.equal(run.exitCode, 0, run.text);
    assert.equal(run.lines.at(-1), '1 passed, 0 failed, 0 skipped');
    assert.match(run.text, /312 MB\/s/);
    const summary = JSON.parse(await readFile(join(run.reportDir, 'summary.json'), 'utf8'));
    assert.deepEqual(summary.results[0].notes, [{ label: 'MB/s', value: 312 }]);
    assert.match(await readFile(join(run.reportDir, 'junit.xml'), 'utf8'), /tests="1" failures="0"/);
  });

  test('reports a failing case as failed, with the seed and the command that repeats it', async () => {
    const failing = `testCase('A2', 'one is two', ${own}, async () => { assert.equal(1, 2); });`;
    await using run = await runSuite({ 'a.test.ts': passing + failing }, '--seed', '77');
    assert.equal(run.exitCode, 1, run.text);
    assert.equal(run.lines.at(-1), '1 passed, 1 failed, 0 skipped');
    assert.match(run.text, /✗ demo › A2 one is two/);
    assert.match(run.text, /1 !== 2/);
    assert.match(run.text, /again: npx sextant test --suite demo --case A2 --seed 77/);
  });

  test('keeps the logs of a failing case and says where they are', async () => {
    const failing = `
      import { writeFileSync } from 'node:fs';
      testCase('A3', 'logs stay', ${own}, async (ctx) => {
        writeFileSync(ctx.newLogDir('node') + '/node.log', 'what happened');
        throw new Error('broken');
      });`;
    await using run = await runSuite({ 'a.test.ts': failing });
    const logDir = /logs: +(\S+)/.exec(run.text)?.[1] ?? '';
    assert.equal(await readFile(join(logDir, 'node-1/node.log'), 'utf8'), 'what happened');
  });

  test('ends a case that hangs, runs its clean-up, and goes on with the next', async () => {
    const hanging = `
      testCase('A4', 'hangs', { cluster: 'own', timeoutMs: 200 }, async (ctx) => {
        ctx.defer(() => { process.stderr.write('cleaned up\\n'); });
        await new Promise(() => { setInterval(() => {}, 1000).unref(); });
      });`;
    await using run = await runSuite({ 'a.test.ts': hanging + passing }, '--verbose');
    assert.equal(run.lines.at(-1), '1 passed, 1 failed, 0 skipped', run.text);
    assert.match(run.text, /A4 did not finish within 0.2 s/);
    assert.match(run.text, /cleaned up/);
    const { results } = JSON.parse(await readFile(join(run.reportDir, 'summary.json'), 'utf8'));
    assert.ok(results[0].durationMs < 5_000, `it took ${results[0].durationMs} ms`);
  });

  test('counts a file that cannot be loaded as failed, and shows what it printed', async () => {
    await using run = await runSuite({ 'a.test.ts': passing, 'b.test.ts': "throw new Error('cannot load');" });
    assert.equal(run.exitCode, 1);
    assert.equal(run.lines.at(-1), '1 passed, 1 failed, 0 skipped', run.text);
    assert.match(run.text, /cannot load/);
  });

  test('counts a selected case that tells no result as failed', async () => {
    const leaving = `
      testCase('A10', 'leaves', ${own}, async () => process.exit(0));
      // Where cases are listed, node:test runs nothing.
      if (process.env['NODE_TEST_CONTEXT'] === undefined) testCase('A11', 'is not declared', ${own}, async () => {});`;
    await using run = await runSuite({ 'a.test.ts': passing, 'b.test.ts': leaving });
    assert.equal(run.exitCode, 1, run.text);
    assert.equal(run.lines.at(-1), '1 passed, 2 failed, 0 skipped', run.text);
    assert.match(run.text, /✗ demo › A10 leaves\n {2}it told no result/);
    assert.match(run.text, /✗ demo › A11 is not declared\n {2}it told no result/);
    assert.match(run.text, /again: npx sextant test --suite demo --case A11/);
  });

  test('counts what a file fails with after its last case', async () => {
    const untidy = `
      import { after } from 'node:test';
      after(() => { throw new Error('the cluster of the file did not stop'); });
      ${passing}`;
    await using run = await runSuite({ 'a.test.ts': untidy });
    assert.equal(run.exitCode, 1, run.text);
    assert.equal(run.lines.at(-1), '1 passed, 1 failed, 0 skipped', run.text);
    assert.match(run.text, /the cluster of the file did not stop/);
  });

  test('says what a process threw after its last case, or beside one', async () => {
    const late = `
      testCase('A14', 'throws later', ${own}, async () => { setTimeout(() => { throw new Error('too late'); }, 20); });`;
    const beside = `${passing} throw new Error('no such module');`;
    await using run = await runSuite({ 'a.test.ts': late, 'b.test.ts': beside });
    assert.equal(run.lines.at(-1), '2 passed, 2 failed, 0 skipped', run.text);
    assert.match(run.text, /too late/);
    assert.match(run.text, /no such module/);
  });

  test('cleans up after a case that throws before it waits for anything', async () => {
    const sudden = `
      testCase('A15', 'throws at once', ${own}, (ctx) => {
        ctx.defer(() => { process.stderr.write('cleaned up\\n'); });
        throw new Error('at once');
      });`;
    await using run = await runSuite({ 'a.test.ts': sudden }, '--verbose');
    assert.equal(run.lines.at(-1), '0 passed, 1 failed, 0 skipped', run.text);
    assert.match(run.text, /cleaned up/);
  });

  test('calls a selection without any test an error', async () => {
    await using run = await runSuite({ 'a.test.ts': passing }, '--tags', 'slow');
    assert.equal(run.exitCode, 3, run.text);
    assert.match(run.text, /holds no test at all/);
  });

  test('names the cases that exist when one is asked for that does not', async () => {
    await using run = await runSuite({ 'a.test.ts': passing }, '--case', 'A9');
    assert.equal(run.exitCode, 3);
    assert.match(run.text, /there is no case A9 in demo; these exist: A1/);
  });

  test('names the files that cannot be imported when a case is asked for that may be in one', async () => {
    await using run = await runSuite(
      { 'a.test.ts': passing, 'b.test.ts': 'throw new Error("half written");' },
      '--case',
      'A9',
    );
    assert.equal(run.exitCode, 3);
    assert.match(run.text, /b\.test\.ts cannot be imported: .*half written/);
  });

  test('refuses a file that holds no test, also beside one that does', async () => {
    await using run = await runSuite({ 'a.test.ts': passing });
    const file = join(dirname(run.reportDir), 'demo/a.test.ts');
    const mistyped = await runIn(dirname(run.reportDir), ['--file', `${file},${file}x`]);
    assert.equal(mistyped.exitCode, 3, mistyped.text);
    assert.match(mistyped.text, /no test of demo lies in .*a\.test\.tsx/);
  });

  test('reports what a target cannot do as not checked, and never as success', async () => {
    await using run = await runSuite({ 'a.test.ts': passing }, '--target', 'url:http://127.0.0.1:9');
    assert.equal(run.exitCode, 2, run.text);
    assert.equal(run.lines.at(-1), '0 passed, 0 failed, 1 skipped');
    assert.match(run.text, /not checked: the target does not offer own cluster/);
  });

  test('counts a case as failed that could not be checked and left what it had started', async () => {
    const leaving = `
      import { NotChecked } from ${JSON.stringify(join(repositoryRoot, 'harness/kit/testing/case-context.ts'))};
      testCase('A13', 'leaves something', ${own}, async (ctx) => {
        ctx.defer(() => { throw new Error('the node did not stop'); });
        throw new NotChecked('no disk here');
      });`;
    await using run = await runSuite({ 'a.test.ts': leaving });
    assert.equal(run.exitCode, 1, run.text);
    assert.equal(run.lines.at(-1), '0 passed, 1 failed, 0 skipped', run.text);
    assert.match(run.text, /the node did not stop/);
  });

  test('neither runs nor counts what was not selected', async () => {
    const slow = `testCase('A5', 'slow', { cluster: 'own', tags: ['slow'] }, async () => { throw new Error('ran'); });`;
    await using run = await runSuite({ 'a.test.ts': passing + slow }, '--skip-slow');
    assert.equal(run.lines.at(-1), '1 passed, 0 failed, 0 skipped', run.text);
  });

  test('repeats with a seed that is one higher each time', async () => {
    const seeds = `testCase('A6', 'seed', ${own}, async (ctx) => { ctx.note('seed', ctx.seed); });`;
    await using run = await runSuite({ 'a.test.ts': seeds }, '--repeat', '2', '--seed', '5');
    assert.equal(run.lines.at(-1), '2 passed, 0 failed, 0 skipped', run.text);
    assert.match(run.text, /5\/A6/);
    assert.match(run.text, /6\/A6/);
  });

  test('tells a case how far to go, lets it take as long, and repeats a failure in the same tier', async () => {
    const timeouts = "{ cluster: 'own', timeoutMs: { fast: 10, full: 60_000 } }";
    const tiered = `testCase('A7', 'tier', ${timeouts}, async (ctx) => { assert.equal(ctx.tier, 'fast'); });`;
    await using run = await runSuite({ 'a.test.ts': tiered }, '--tier', 'full', '--seed', '5');
    assert.equal(run.exitCode, 1, run.text);
    assert.match(run.text, /'full' !== 'fast'/);
    assert.match(run.text, /again: npx sextant test --suite demo --case A7 --seed 5 --tier full/);
  });

  test('runs a suite once that is named twice', async () => {
    await using run = await runSuite({ 'a.test.ts': passing }, '--suite', 'demo,demo');
    assert.equal(run.lines.at(-1), '1 passed, 0 failed, 0 skipped', run.text);
  });

  test('refuses two cases of one name', async () => {
    await using run = await runSuite({ 'a.test.ts': passing, 'b.test.ts': passing });
    assert.equal(run.exitCode, 3);
    assert.match(run.text, /two cases have the id A1/);
  });

  test('takes nothing that an earlier run left in the same folder for its own', async () => {
    const dying = `
      testCase('A12', 'dies', ${own}, async (ctx) => {
        ctx.note('seed', ctx.seed);
        if (ctx.seed === '6/A12') process.exit(1);
      });`;
    await using first = await runSuite({ 'a.test.ts': dying }, '--seed', '5');
    assert.equal(first.exitCode, 0, first.text);
    const second = await runIn(dirname(first.reportDir), ['--seed', '6']);
    assert.equal(second.exitCode, 1);
    assert.match(second.text, /again: npx sextant test --suite demo --case A12 --seed 6/);
    assert.doesNotMatch(second.text, /seed 5|5\/A12/);
    const third = await runIn(dirname(first.reportDir), ['--tags', 'slow']);
    assert.equal(third.exitCode, 3);
    await assert.rejects(access(join(first.reportDir, 'junit.xml')), /ENOENT/);
  });
});
