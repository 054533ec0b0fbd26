/** The page as a user gets it: from a folder with a history and logs, whatever the names of keys. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { historyOf } from '../../kit/checkers/history.fixture.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import type { Timeline } from '../../report/timeline/timeline.ts';

const command = join(repositoryRoot, 'harness/cli/sextant.mjs');
const key = '</script><img/src=x>';

test('the page holds what was recorded, judged and logged, and nothing of it gets out of its place', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-timeline-'));
  try {
    const history = historyOf(`
      1 phase load
      2-3 a put ${key} v1
      4-5 a get ${key} -> v1!torn
    `);
    await writeFile(join(dir, 'history.jsonl'), history.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await mkdir(join(dir, 'logs'));
    const time = '2026-01-01T00:00:00.004Z';
    await writeFile(join(dir, 'logs/node-2.log'), `${JSON.stringify({ level: 50, time, msg: 'damaged' })}\n`);
    const { stdout } = await run('timeline', dir);
    assert.equal(stdout, `${join(dir, 'timeline.html')}\n`);
    const page = await readFile(join(dir, 'timeline.html'), 'utf8');
    const [, data = ''] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page) ?? [];
    const { operations, verdicts, marks }: Timeline = JSON.parse(data);
    assert.deepEqual(
      operations.map((operation) => operation.key),
      [key, key],
    );
    assert.deepEqual(verdicts.find(({ checker }) => checker === 'whole-bytes')?.holds, false);
    assert.deepEqual(
      marks.map(({ node, text }) => `${node} ${text}`),
      ['node-2 damaged'],
    );
    assert.equal(page.split('</script>').length - 1, 2, 'only ours end');
    assert.equal(page.includes('<img'), false);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('where there is no history it says so', async () => {
  await assert.rejects(run('timeline', tmpdir()), /has no history/);
});

function run(...args: string[]): Promise<{ stdout: string }> {
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  return promisify(execFile)(process.execPath, [command, ...args], { env: { ...environment, NO_COLOR: '1' } });
}
