/** That the images are what they are called. A failure means that a run on containers says something about other software. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { databaseOf } from '../kit/census/census.ts';
import { MetadataTables } from '../kit/census/metadata-tables.ts';
import { runContainer } from '../kit/cluster/containers/run-container.ts';
import { freePort } from '../kit/cluster/ports.ts';
import { runSettings } from '../kit/testing/run-settings.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { until } from '../kit/testing/until.ts';
import { imageNames } from '../kit/tools/containers/image-names.ts';

testCase(
  'N3',
  'PostgreSQL is of the version that the run is said to be on',
  { needs: ['network', 'database'] },
  async (ctx) => {
    await using tables = await MetadataTables.connect(databaseOf(ctx.target));
    assert.equal(await tables.serverVersion(), runSettings.postgresVersion);
  },
);

testCase(
  'N4',
  'Redis, which the store does not use yet, answers PING',
  { cluster: 'own', needs: ['network'] },
  async (ctx) => {
    const port = await freePort();
    const redis = await runContainer({
      name: 'redis',
      image: imageNames.redis,
      environment: {},
      command: ['redis-server', '--protected-mode', 'no', '--port', String(port)],
      ports: [port],
      folders: {},
    });
    ctx.defer(() => redis.kill('SIGKILL'));

    const answer = await until({ what: 'an answer to PING', withinMs: 20_000 }, () => pinged(port));

    assert.equal(answer, '+PONG\r\n');
  },
);

async function pinged(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
