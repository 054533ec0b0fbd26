import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PostgresFailed, type PostgresOptions, startPostgres } from './embedded-postgres.ts';
import { clusterNameOf, processesOf, untilGone } from './postgres/processes.ts';

/** A folder that only its owner may enter: mkdtemp makes it so, and as root the server's user is not its owner. */
async function privateFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'sextant-postgres-test-'));
  assert.equal((await lstat(path)).mode & 0o777, 0o700);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function optionsIn(folder: string, port = 0): PostgresOptions {
  return {
    dataDir: join(folder, 'below', 'data'),
    port,
    logFile: join(folder, 'logs', 'postgres.log'),
    durable: false,
  };
}

test('a server starts below a folder that only its owner may enter, and leaves no process behind', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  const server = await startPostgres(options);
  const name = await clusterNameOf(join(options.dataDir, 'cluster'));
  assert.match(server.url, new RegExp(`^postgres://sextant:[0-9a-f]{48}@127\\.0\\.0\\.1:${server.port}/sextant$`));
  assert.ok((await processesOf(name)).includes(server.pid));
  await server.stop();
  assert.deepEqual(await processesOf(name), []);
  assert.equal((await server.exited).code, 0);
});

test('the password can be read by its owner alone, and survives a restart with the data', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  let url: string;
  let port: number;
  {
    await using server = await startPostgres(options);
    ({ url, port } = server);
  }
  assert.equal((await lstat(join(options.dataDir, 'password'))).mode & 0o777, 0o600);
  await using again = await startPostgres({ ...options, port });
  assert.equal(again.url, url);
});

test('after kill -9 of the postmaster the same data starts again on the same port', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  await using first = await startPostgres(options);
  await first.kill('SIGKILL');
  assert.equal((await first.exited).signal, 'SIGKILL');
  await using second = await startPostgres({ ...options, port: first.port });
  assert.notEqual(second.pid, first.pid);
});

test('a start ends the server that an earlier process left running on the same data, even a paused one', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  await using abandoned = await startPostgres(options);
  await abandoned.kill('SIGSTOP', 'all');
  await using second = await startPostgres({ ...options, port: abandoned.port });
  assert.equal((await abandoned.exited).code, 0);
  assert.equal(second.port, abandoned.port);
});

test('a pid file whose process id now belongs to another program does not keep the server from starting', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  const first = await startPostgres(options);
  const pidFile = join(options.dataDir, 'cluster', 'postmaster.pid');
  const left = await readFile(pidFile, 'utf8');
  await first.kill('SIGKILL');
  assert.ok(await untilGone(await clusterNameOf(join(options.dataDir, 'cluster')), 10_000));
  await writeFile(pidFile, left.replace(/^\d+/, String(process.pid)));
  await using second = await startPostgres(options);
  assert.ok(second.pid > 0);
});

test('a creation that was interrupted is started over', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  await mkdir(join(options.dataDir, 'cluster.new', 'base'), { recursive: true });
  await writeFile(join(options.dataDir, 'cluster.new', 'PG_VERSION'), '18\n');
  await using server = await startPostgres(options);
  assert.ok(server.pid > 0);
});

test('a taken port is named', async () => {
  await using folder = await privateFolder();
  await using other = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => other.once('listening', listening));
  const { port } = other.address() as { port: number };
  await assert.rejects(startPostgres(optionsIn(folder.path, port)), (error: Error) => {
    assert.ok(error instanceof PostgresFailed);
    assert.match(error.message, new RegExp(`port ${port} on 127.0.0.1 is taken`));
    return true;
  });
});

test('a server that cannot start says so with the end of its log', async () => {
  await using folder = await privateFolder();
  const options = optionsIn(folder.path);
  await (await startPostgres(options)).stop();
  await writeFile(join(options.dataDir, 'cluster', 'postgresql.conf'), 'no_such_setting = 1\n');
  await chmod(join(options.dataDir, 'cluster'), 0o700);
  await assert.rejects(startPostgres(options), (error: Error) => {
    assert.ok(error instanceof PostgresFailed);
    assert.match(error.message, /no_such_setting/);
    return true;
  });
});
