/** Ctrl-C in the middle of the load: a failure would leave processes behind, or take half a run for a whole one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerExists, containersOf } from '../../kit/cluster/containers/runtime.ts';
import { chosenDriver } from '../../kit/cluster/driver.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { exitCodes } from '../../kit/experiment/judgement.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { childrenOf } from './children-of.ts';

testCase(
  'X7',
  'a run that is stopped by Ctrl-C heals, leaves no process and no container, keeps its bundle and says unknown',
  { cluster: 'own', phase: 3, timeoutMs: 120_000 },
  async (ctx) => {
    const runsDir = ctx.newLogDir('run');
    const { kind } = chosenDriver();
    const words = ['--scenario', 'node-crashes', '--seed', '5', '--seconds', '300', '--runs-dir', runsDir];
    const command = spawn(process.execPath, ['harness/cli/sextant.mjs', 'chaos', '--target', kind, ...words], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ctx.defer(() => void command.kill('SIGKILL'));
    let told = '';
    command.stdout.on('data', (data) => {
      told += data;
    });
    await until({ what: 'a fault under load', withinMs: 60_000 }, () => /f1 started/.test(told));
    const parts = await (kind === 'containers' ? containersOf : childrenOf)(command.pid ?? assert.fail());
    assert.ok(parts.length >= 7, `PostgreSQL, nodes and a gateway are ${parts.length} ${kind}`);
    command.kill('SIGINT');
    const [code] = await once(command, 'exit');

    assert.equal(code, exitCodes.unknown, told);
    const bundle = join(runsDir, 'chaos-5-node-crashes');
    assert.match(await readFile(join(bundle, 'verdict.json'), 'utf8'), /the run was stopped before its end/);
    const { postgres } = JSON.parse(await readFile(join(bundle, 'versions.json'), 'utf8'));
    assert.match(postgres, /^\d+/);
    const exists = kind === 'containers' ? containerExists : (pid: string) => existsSync(`/proc/${pid}`);
    for (const part of parts) assert.equal(await exists(part), false, `${part} is left`);
  },
);
