/** The driver on stand-ins for the services and a real PostgreSQL; the suites drive it on the real services. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../testing/until.ts';
import { startMark } from './process-facts.ts';
import { livingProcesses } from './process-record.ts';
import { standIns } from './stand-ins.fixture.ts';
import { type ProgressEvent, startCluster } from './start-cluster.ts';

describe('a cluster of processes', () => {
  test('starts gateways last, stops them first, and leaves no folder behind', async () => {
    await using all = await standIns();
    const events: string[] = [];
    const onProgress = ({ part, state }: ProgressEvent) => events.push(`${part} ${state}`);
    const entryPoints = { gateway: all.path('polite'), node: all.path('polite') };
    const cluster = await startCluster({ nodes: 2, entryPoints, onProgress });
    const { dataDir } = cluster;
    assert.deepEqual([existsSync(dataDir), cluster.gateways.length, cluster.nodes.length], [true, 1, 2]);
    assert.match(cluster.databaseUrl, /^postgres:\/\//);
    assert.ok(events.indexOf('gateway-1 starting') > events.indexOf('node-2 ready'));
    assert.ok(events.indexOf('gateway-1 starting') > events.indexOf('postgres ready'));

    await cluster.killAll();
    assert.deepEqual([cluster.postgres.isRunning, cluster.nodes[0]?.isRunning], [false, false]);
    await cluster.startAll();
    assert.equal(cluster.gateways[0]?.isRunning, true);

    await cluster.stop();
    assert.ok(events.indexOf('gateway-1 stopped') < events.indexOf('node-1 stopping'));
    assert.ok(events.indexOf('node-1 stopped') < events.indexOf('postgres stopping'));
    assert.equal(existsSync(dataDir), false);
  });

  test('that cannot start whole stops what had started, and says which part it was', async () => {
    await using all = await standIns();
    const dataDir = join(all.dir, 'data');
    const entryPoints = { gateway: all.path('failing'), node: all.path('polite') };
    await assert.rejects(
      startCluster({ dataDir, nodes: 1, ephemeral: true, entryPoints }),
      /gateway-1 .* did not start/,
    );
    assert.equal(existsSync(join(dataDir, 'processes.json')), false);
  });

  test('starts every node that has data, also when fewer are asked for', async () => {
    await using all = await standIns();
    const dataDir = join(all.dir, 'data');
    for (const name of ['node-1', 'node-2', 'node-3']) await mkdir(join(dataDir, 'nodes', name), { recursive: true });
    const entryPoints = { gateway: all.path('polite'), node: all.path('polite') };
    await using cluster = await startCluster({ dataDir, nodes: 1, ephemeral: true, entryPoints });
    assert.equal(cluster.nodes.length, 3);
  });

  test('takes nodes and gateways while it runs, loses nodes for good, and is the same again at the next start', async () => {
    await using all = await standIns();
    const dataDir = join(all.dir, 'data');
    const entryPoints = { gateway: all.path('polite'), node: all.path('polite') };
    const wanted = { dataDir, ephemeral: true, entryPoints };
    const first = await startCluster({ ...wanted, nodes: 3, nodeSettings: { MARKER: 'one of all' } });
    // A stand-in keeps no data of its own.
    for (const { dataDir: folder } of first.nodes) await mkdir(folder, { recursive: true });

    const [gone, kept, goneToo] = first.nodes;
    assert.ok(gone && kept && goneToo);
    await writeFile(join(gone.dataDir, 'lock'), 'names a process');
    await writeFile(join(gone.dataDir, 'server-id'), 'same');
    const added = await first.addNode({ settings: { MARKER: 'added' }, copiedFrom: gone.dataDir });
    const copied = await readdir(added.dataDir);
    const recorded = livingProcesses(dataDir).map(({ name }) => name);
    // At the same moment, as two machines may fail.
    await Promise.all([first.removeNode(gone), first.removeNode(goneToo)]);
    await first.addGateway();
    const names = [...first.gateways, ...first.nodes].map(({ name, isRunning }) => `${name} ${isRunning}`);
    const marker = /"marker":"(.*?)"/.exec(await readFile(added.logFile, 'utf8'))?.[1];
    await first.stop();

    assert.deepEqual(names, ['gateway-1 true', 'gateway-2 true', 'node-2 true', 'node-4 true']);
    assert.deepEqual([copied, existsSync(gone.dataDir), marker], [['server-id'], false, 'added']);
    assert.ok(recorded.includes('node-4'), `after a crash nobody would find node-4 among ${recorded}`);
    assert.deepEqual(
      [...first.gateways, ...first.nodes].filter(({ isRunning }) => isRunning),
      [],
    );
    await using second = await startCluster(wanted);
    assert.deepEqual(
      second.nodes.map(({ name }) => name),
      ['node-2', 'node-4'],
    );
  });

  test('on one folder runs once, also when two harnesses start it at the same moment', async () => {
    await using all = await standIns();
    const program = join(all.dir, 'start.ts');
    const options = { nodes: 1, dataDir: join(all.dir, 'data'), ephemeral: true };
    const entryPoints = { gateway: all.path('polite'), node: all.path('polite') };
    await writeFile(
      program,
      `import { startCluster } from ${JSON.stringify(join(import.meta.dirname, 'start-cluster.ts'))};
       const lost = [];
       const onUnexpectedExit = (name) => lost.push(name);
       const options = { ...${JSON.stringify({ ...options, entryPoints })}, onUnexpectedExit };
       console.log('loaded');
       await new Promise((resolve) => process.stdin.once('data', resolve));
       const cluster = await startCluster(options).catch(({ message }) => void console.log(message));
       if (cluster) console.log('started');
       process.stdin.once('data', async () => {
         await cluster?.stop();
         console.log('lost: ' + lost);
         process.exit();
       });`,
    );
    const harnesses = [0, 1].map(() => {
      const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
      const harness = { child, output: '', closed: once(child, 'close') };
      child.stdout.on('data', (piece) => {
        harness.output += piece;
      });
      return harness;
    });
    for (const lines of [1, 2]) {
      const said = () => harnesses.every(({ output }) => output.split('\n').length > lines);
      await until({ what: `${lines} lines of both`, withinMs: 30_000 }, said);
      for (const { child } of harnesses) child.stdin.write('go on');
    }
    await Promise.all(harnesses.map(({ closed }) => closed));
    const [loser, winner] = harnesses.map(({ output }) => output).sort();
    assert.match(loser ?? '', /^loaded\nprocess \d+ runs a cluster on .* already\nlost: \n$/);
    assert.equal(winner, 'loaded\nstarted\nlost: \n');
  });

  test('does not outlive a harness that crashes', async () => {
    await using all = await standIns();
    const program = join(all.dir, 'crash.ts');
    const options = { nodes: 1, dataDir: join(all.dir, 'data'), ephemeral: true };
    const entryPoints = { gateway: all.path('polite'), node: all.path('polite') };
    await writeFile(
      program,
      `import { startCluster } from ${JSON.stringify(join(import.meta.dirname, 'start-cluster.ts'))};
       const cluster = await startCluster(${JSON.stringify({ ...options, entryPoints })});
       const all = [...cluster.gateways, ...cluster.nodes, cluster.postgres];
       process.stdout.write(JSON.stringify(all.map(({ pid }) => pid)), () => { throw new Error('a crash'); });`,
    );
    const harness = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    harness.stdout.on('data', (piece) => {
      output += piece;
    });
    await once(harness, 'close');
    const pids: number[] = JSON.parse(output);
    assert.equal(pids.length, 3);
    const living = () => pids.filter((pid) => startMark(pid) !== null);
    await until({ what: `processes ${pids} to end`, withinMs: 10_000 }, () => living().length === 0);
  });
});
