/** The driver on stand-ins for the services and a real PostgreSQL; the suites drive it on the real services. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../testing/until.ts';
import { startMark } from './process-facts.ts';
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
