/** An engine of our own ends with its harness, however that ends: one that is left would keep the images from all later runs. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { startMark } from '../../cluster/process-facts.ts';

/** Answers as an engine does, at the socket that it is told, until it is asked to end. */
const standInEngine = `#!${process.execPath}
const { createServer } = require('node:http');
const [socket, pidFile] = ['-H', '--pidfile'].map((flag) => process.argv[process.argv.indexOf(flag) + 1]);
require('node:fs').writeFileSync(pidFile, String(process.pid));
createServer((_, answer) => answer.end('{"Version":"stand-in"}')).listen(socket.slice('unix://'.length));
`;

const harness = `
import { useEngine } from ${JSON.stringify(import.meta.resolve('./own-engine.ts'))};
const engine = await useEngine({ mayInstall: false });
console.log('up');
process.stdin.once('end', () => engine[Symbol.asyncDispose]().then(() => process.exit())).resume();
`;

/** The process ids of those that have a folder there. */
async function enginesIn(temporary: string): Promise<number[]> {
  const files = (await readdir(temporary)).map((folder) => join(temporary, folder, 'pid'));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).map(Number);
}

const reason =
  process.getuid?.() !== 0 || existsSync('/var/run/docker.sock')
    ? 'only root without another engine starts one of its own'
    : false;

test('an engine that a killed harness left is ended by the next one', { skip: reason }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-own-engine-'));
  const [programs, temporary] = [join(dir, 'bin'), join(dir, 'tmp')];
  const running: ChildProcess[] = [];
  try {
    for (const folder of [programs, temporary]) await mkdir(folder);
    for (const name of ['dockerd', 'docker']) {
      await writeFile(join(programs, name), standInEngine);
      await chmod(join(programs, name), 0o755);
    }
    const { DOCKER_HOST: _, ...inherited } = process.env;
    const env = {
      ...inherited,
      PATH: `${programs}:${inherited['PATH']}`,
      TMPDIR: temporary,
      SEXTANT_ENGINE_DATA: join(dir, 'data'),
    };
    const start = async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', harness], {
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      running.push(child);
      await once(createInterface(child.stdout), 'line');
      return child;
    };
    const first = await start();
    const [engine] = (await enginesIn(temporary)) as [number];
    first.kill('SIGKILL');
    await once(first, 'exit');
    assert.notEqual(startMark(engine), null);
    const second = await start();
    assert.equal(startMark(engine), null, 'the first engine runs still');
    second.stdin?.end();
    await once(second, 'exit');
    assert.deepEqual(await readdir(temporary), []);
  } finally {
    for (const one of running) one.kill('SIGKILL');
    for (const engine of await enginesIn(temporary)) process.kill(engine, 'SIGKILL');
    await rm(dir, { recursive: true, force: true });
  }
});
