/**
 * Sixteen clients at two gateways want the same key at the same moment. Whoever is told that he won must be the only one, in
 * every round: leader elections and table formats stand on it. A failure means two winners, or a winner whose bytes are gone.
 */
import assert from 'node:assert/strict';
import { fileCluster } from '../../kit/testing/file-cluster.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { etagOf } from '../content.ts';
import { type Arena, clientsAtOnce, concurrent, openArena } from './two-gateways.ts';

const cluster = fileCluster({ gateways: 2, nodes: 3 });
const rounds = { fast: 50, full: 1_000 };
const timeoutMs = { fast: 60_000, full: 15 * 60_000 };

testCase(
  'S201',
  'of those who make a key that is not there, exactly one wins each round',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const arena = await openArena(ctx, await cluster(ctx));
    for (let round = 0; round < rounds[ctx.tier]; round++) {
      ctx.signal.throwIfAborted();
      const sizeBytes = ctx.choices.chance(20) ? 20_000 : 40;
      await compete(arena, { key: `new-${round}`, round, sizeBytes, condition: { 'if-none-match': '*' } });
    }
  },
);

testCase(
  'S202',
  'of those who swap a key from what they saw, exactly one wins each round',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const arena = await openArena(ctx, await cluster(ctx));
    const key = 'register';
    let { etag } = await compete(arena, { key, round: -1, sizeBytes: 40, condition: { 'if-none-match': '*' } });
    for (let round = 0; round < rounds[ctx.tier]; round++) {
      ctx.signal.throwIfAborted();
      const sizeBytes = ctx.choices.chance(20) ? 20_000 : 40;
      ({ etag } = await compete(arena, { key, round, sizeBytes, condition: { 'if-match': etag } }));
    }
  },
);

testCase(
  'S203',
  'in a bucket with versions, the winners make one version each round, and nobody else any',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const arena = await openArena(ctx, await cluster(ctx), true);
    const key = 'register';
    const made: string[] = [];
    let { etag } = await compete(arena, { key, round: -1, sizeBytes: 40, condition: { 'if-none-match': '*' } });
    made.push(etag);
    for (let round = 0; round < Math.min(100, rounds[ctx.tier]); round++) {
      ({ etag } = await compete(arena, { key, round, sizeBytes: 40, condition: { 'if-match': etag } }));
      made.push(etag);
    }
    const { Versions = [] } = await arena.s3.listObjectVersions({ Bucket: arena.bucket });
    assert.deepEqual(
      Versions.map(({ ETag }) => ETag),
      made.toReversed(),
    );
  },
);

testCase(
  'S204',
  'a counter that all clients increase by compare-and-swap counts every success',
  { ...concurrent, timeoutMs },
  async (ctx) => {
    const { s3, bucket, clients } = await openArena(ctx, await cluster(ctx));
    const key = 'counter';
    const wanted = ctx.tier === 'full' ? 50 : 5;
    await s3.putObject({ Bucket: bucket, Key: key, Body: '0' });
    let lost = 0;
    const count = async (client: Arena['clients'][number]) => {
      for (let succeeded = 0; succeeded < wanted; ) {
        ctx.signal.throwIfAborted();
        const seen = await client.send({ method: 'GET', bucket, key });
        const body = Buffer.from(String(Number(seen.body) + 1));
        const headers = { 'if-match': seen.headers.etag ?? '' };
        const { status, body: text } = await client.send({ method: 'PUT', bucket, key, headers, body });
        assert.ok([200, 409, 412].includes(status), `${status} ${text}`);
        if (status === 200) succeeded += 1;
        else lost += 1;
      }
    };
    await Promise.all(clients.map(count));
    const total = await s3.getObject({ Bucket: bucket, Key: key });
    assert.equal(Number(await total.Body?.transformToString()), wanted * clientsAtOnce);
    ctx.note('swaps that came too late', lost);
  },
);

interface Round {
  readonly key: string;
  readonly round: number;
  readonly sizeBytes: number;
  readonly condition: Readonly<Record<string, string>>;
}

/** All clients put at once. Asserts that one of them wins, and that everybody reads then what the winner put. */
async function compete(
  { bucket, clients }: Arena,
  { key, round, sizeBytes, condition }: Round,
): Promise<{ etag: string }> {
  const bodies = clients.map((_, client) => Buffer.from(`round ${round} client ${client} `.padEnd(sizeBytes, '.')));
  const answers = await Promise.all(
    clients.map((client, index) =>
      client.send({ method: 'PUT', bucket, key, headers: condition, body: bodies[index] as Buffer }),
    ),
  );
  const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
  const others = answers.filter(({ status }) => status !== 200);
  assert.equal(winners.length, 1, `round ${round}: clients ${winners} won; ${answers.map(({ status }) => status)}`);
  // A 409 says that another client was at it: also somebody who did not win.
  for (const { status, body } of others) assert.ok([409, 412].includes(status), `round ${round}: ${status} ${body}`);
  const [winner = 0] = winners;
  const etag = etagOf(bodies[winner] as Buffer);
  for (const client of clients.slice(0, 2)) {
    const seen = await client.send({ method: 'GET', bucket, key });
    assert.equal(seen.body.toString().trimEnd(), `round ${round} client ${winner} `.padEnd(sizeBytes, '.').trimEnd());
    assert.equal(seen.headers.etag, etag);
  }
  return { etag };
}
