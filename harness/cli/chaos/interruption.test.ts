/** What a command says that is ended by Ctrl-C: a failure that it had found before is still one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const interruption = pathToFileURL(join(import.meta.dirname, 'interruption.ts')).href;

/** The exit code of a command that is interrupted, and whose work then ends with `result`. */
async function endsWith(result: string): Promise<unknown> {
  const command = `
    import { untilInterrupted } from '${interruption}';
    const alive = setInterval(() => {}, 1_000);
    const work = (signal) => new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(${result}));
      setImmediate(() => console.log('begun'));
    });
    await untilInterrupted(work);
    clearInterval(alive);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  return code;
}

test('a command that is interrupted ends with what its work makes of that', async () => {
  assert.equal(await endsWith('1'), 1);
  assert.equal(await endsWith('{ exitCode: 3 }'), 3);
  assert.equal(await endsWith('2'), 2);
});
