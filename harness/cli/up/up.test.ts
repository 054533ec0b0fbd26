import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { ClusterFile } from '../../kit/cluster/cluster-file.ts';
import { freePort } from '../../kit/cluster/ports.ts';
import { startMark } from '../../kit/cluster/process-facts.ts';
import { repositoryRoot } from '../../kit/cluster/repository.ts';
import { choosePorts } from './choose-ports.ts';
import { passedOnSettings } from './passed-on-settings.ts';
import { readyText } from './ready-text.ts';
import { detachedFlags } from './run-detached.ts';

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { [Symbol.dispose]: () => void server.close() };
}

test('a busy REST or S3 port is refused by name, with the option that changes it', async () => {
  const restPort = await freePort();
  using _listener = await listenOn(restPort);
  const s3Port = await freePort();
  const wanted = { restPort, s3Port, firstNodePort: await freePort(), areNodePortsNamed: false, nodes: 1 };
  await assert.rejects(choosePorts(wanted, assert.fail), new RegExp(`port ${restPort}, for REST, is taken.*--port`));
  const swapped = { ...wanted, restPort: s3Port, s3Port: restPort };
  await assert.rejects(choosePorts(swapped, assert.fail), new RegExp(`port ${restPort}, for S3, is taken.*--s3-port`));
});

test('a busy node port that was named is refused, one by default is passed over and told', async () => {
  const firstNodePort = await freePort();
  using _listener = await listenOn(firstNodePort);
  const [restPort, s3Port] = [await freePort(), await freePort()];
  const wanted = { restPort, s3Port, firstNodePort, areNodePortsNamed: true, nodes: 2 };
  const silent = () => assert.fail('nothing is to be told');
  await assert.rejects(choosePorts(wanted, silent), new RegExp(`port ${firstNodePort} is taken.*--node-port`));

  const told: string[] = [];
  const { nodes } = await choosePorts({ ...wanted, areNodePortsNamed: false }, (line) => told.push(line));
  assert.equal(nodes.length, 2);
  assert.equal(nodes.includes(firstNodePort), false);
  assert.match(told.join(), new RegExp(`port ${firstNodePort} is taken`));
});

test('settings of the services are passed on, except what the driver decides', () => {
  const environment = { SEXTANT_LOG_LEVEL: 'debug', SEXTANT_NODE_PORT: '1', SEXTANT_POSTGRES_URL: 'x', HOME: '/root' };
  assert.deepEqual(passedOnSettings(environment), { SEXTANT_LOG_LEVEL: 'debug' });
});

test('a number of nodes that the user has not said is not said to the detached store either', () => {
  const options = {
    dataDir: '/data',
    isEphemeral: false,
    isVerbose: false,
    nodes: undefined,
    replicas: 2,
    restPort: 8080,
    s3Port: 9000,
    accountsFile: undefined,
    firstNodePort: 50_051,
    areNodePortsNamed: false,
  };
  const expected = ['--data-dir', '/data', '--replicas', '2', '--port', '8080', '--s3-port', '9000'];
  assert.deepEqual(detachedFlags(options), expected);
  assert.deepEqual(detachedFlags({ ...options, nodes: 7 }).slice(2, 4), ['--nodes', '7']);
});

const cluster: ClusterFile = {
  rest: 'http://127.0.0.1:8080',
  s3: 'http://127.0.0.1:9000',
  console: null,
  metrics: 'http://127.0.0.1:8080/metrics',
  postgres: 'postgres://sextant:secret@127.0.0.1:5432/sextant',
  nodes: [],
  credentials: { access_key: 'AK', secret_key: 'SK' },
  pid: 1,
  gateways: [],
  replicas: 2,
  started_at: '2026-01-01T00:00:00.000Z',
};

test('what is said of REST holds for the keys that it was given, and shows none', () => {
  const same = (text: string) => text;
  const paint = { red: same, green: same, yellow: same, dim: same, bold: same };
  assert.match(readyText(cluster, '/data', paint, {}), /REST is open without a key/);
  const text = readyText(cluster, '/data', paint, { SEXTANT_REST_KEYS: 'first-key,other' });
  assert.doesNotMatch(text, /is open without a key|first-key/);
  assert.match(text, /REST asks for a key/);
  assert.match(text, /curl -s -H "Authorization: Bearer \$\{SEXTANT_REST_KEYS%%,\*\}" http/);
});

test('the S3 requests that are offered to paste name the hash that S3 wants, which curl 7.88 leaves out', () => {
  const same = (text: string) => text;
  const paint = { red: same, green: same, yellow: same, dim: same, bold: same };
  assert.match(readyText(cluster, '/data', paint, {}), /s3\(\) \{ curl .* -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD'/);
});

test('a store that keeps nothing and is refused says why, also detached, and leaves no folder', async () => {
  const port = String(await freePort());
  const refused = ['up', '--ephemeral', '--port', port, '--s3-port', port];
  for (const args of [refused, [...refused, '--detach']]) {
    const { stderr, folder } = await refusalOf(args);
    assert.match(stderr, new RegExp(`REST and S3 cannot both listen on port ${port}`), stderr);
    assert.deepEqual(folder, []);
  }
});

async function refusalOf(args: readonly string[]): Promise<{ readonly stderr: string; readonly folder: string[] }> {
  const scratch = join(repositoryRoot, '.sextant/scratch');
  const folders = async () => (await readdir(scratch).catch(() => [])).filter((name) => name.startsWith('up-'));
  const before = await folders();
  const command = join(repositoryRoot, 'harness/cli/sextant.mjs');
  const error = await promisify(execFile)(process.execPath, [command, ...args], { timeout: 50_000 }).catch((e) => e);
  return { stderr: String(error.stderr), folder: (await folders()).filter((name) => !before.includes(name)) };
}

test('status tells of processes that a killed start has left', async () => {
  const { text, exitCode } = await statusOf([{ name: 'node-1', pid: process.pid, mark: startMark(process.pid) }]);
  assert.equal(exitCode, 1);
  assert.match(
    text,
    new RegExp(`is gone and has left node-1 \\(process ${process.pid}\\).*npx sextant down --data-dir`),
  );
});

test('status does not take the addresses of an earlier start for those of one that is still starting', async () => {
  const { text, exitCode } = await statusOf([{ name: 'harness', pid: process.pid, mark: startMark(process.pid) }]);
  assert.equal(exitCode, 1);
  assert.match(text, new RegExp(`Process ${process.pid} is starting or stopping a store`));
});

/** Of a data folder where these processes are recorded, beside the cluster.json of a start that was killed. */
async function statusOf(processes: readonly object[]): Promise<{ readonly text: string; readonly exitCode: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'sextant-status-'));
  try {
    await writeFile(join(dir, 'processes.json'), JSON.stringify(processes));
    await writeFile(join(dir, 'cluster.json'), JSON.stringify(cluster));
    const command = [join(repositoryRoot, 'harness/cli/sextant.mjs'), 'status', '--data-dir', dir];
    return await promisify(execFile)(process.execPath, command, { timeout: 30_000 }).then(
      ({ stdout }) => ({ text: stdout, exitCode: 0 }),
      ({ stdout, code }) => ({ text: String(stdout), exitCode: Number(code) }),
    );
  } finally {
    await rm(dir, { recursive: true });
  }
}
