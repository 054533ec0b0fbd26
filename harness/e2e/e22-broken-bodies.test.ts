/**
 * Bodies that are not as long as their head says, and clients that go away in the middle. Whoever is still there
 * must be told what was wrong, and nothing may stay. A failure means files that were never wholly sent.
 */
import assert from 'node:assert/strict';
import { assertNothingLeft } from '../kit/census/nothing-left.ts';
import { defaultBoundary } from '../kit/clients/multipart.ts';
import { hostLines, RawConnection } from '../kit/clients/raw-http.ts';
import { expectedRange } from '../kit/seed/seeded-bytes.ts';
import type { CaseContext } from '../kit/testing/case-context.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';

const answerWithinMs = 10_000;

testCase('E22', 'an upload that ends before its declared length leaves nothing, however it ends', {}, async (ctx) => {
  const filename = `too-short-${ctx.seed.replace('/', '-')}`;
  const ways: ((connection: RawConnection) => void)[] = [
    (connection) => connection.endSending(),
    (connection) => connection.reset(),
    (connection) => connection.socket.destroy(),
  ];
  for (const end of ways) {
    for (const sentBytes of [0, 100, 3 * MiB + ctx.choices.int(0, MiB)]) {
      using connection = await RawConnection.open(ctx.target.rest);
      const { head, form } = uploadOf(ctx, filename, 4 * MiB);
      connection.send(head({ 'Content-Length': String(form.length) }));
      connection.send(form.subarray(0, sentBytes));
      // The last byte must have left, so that the end comes behind it.
      await new Promise<void>((resolve) => connection.socket.write('', () => resolve()));
      end(connection);
      const answer = await connection.answer(answerWithinMs);
      if (answer !== null) assert.equal(answer.status, 400, answer.body);
    }
  }
  await assertNothingLeft(ctx, [filename]);
});

testCase('E23', 'an upload that goes on behind its declared length is refused and leaves nothing', {}, async (ctx) => {
  const filename = `too-long-${ctx.seed.replace('/', '-')}`;
  using connection = await RawConnection.open(ctx.target.rest);
  const { head, form } = uploadOf(ctx, filename, 2 * MiB);

  connection.send(head({ 'Content-Length': String(form.length - MiB) }));
  connection.send(form);
  const answer = await connection.answer(answerWithinMs);

  assert.ok(answer !== null, 'it was not answered');
  assertRefused({ status: answer.status, text: answer.body }, 400, 'InvalidRequest');
  await assertNothingLeft(ctx, [filename]);
});

testCase('E24', 'a head or a chunk that is not HTTP is refused with an error, and leaves nothing', {}, async (ctx) => {
  const filename = `not-http-${ctx.seed.replace('/', '-')}`;
  const { head, form } = uploadOf(ctx, filename, MiB);
  const chunked = head({ 'Transfer-Encoding': 'chunked' });
  const requests: (string | Buffer)[][] = [
    ['BLAH / HTTP/1.1\r\n\r\n'],
    ['GET /files HTTP/9.9\r\nHost: a\r\n\r\n'],
    ['GET /files HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n'],
    ['\u0000\u0001\u0002\r\n\r\n'],
    [head({ 'Content-Length': 'twelve' }), form],
    [head({ 'Content-Length': '-5' }), form],
    [head({ 'Content-Length': '10', 'Transfer-Encoding': 'chunked' }), form],
    [`GET /files HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`],
    [chunked, 'not a number\r\n'],
    [chunked, `${(1000).toString(16)}\r\n`, form.subarray(0, 1000), 'no line break here'],
  ];
  for (const pieces of requests) {
    using connection = await RawConnection.open(ctx.target.rest);
    for (const piece of pieces) connection.send(piece);
    const answer = await connection.answer(answerWithinMs);
    const what = JSON.stringify(String(pieces[0]).slice(0, 60));
    assert.ok(answer !== null, `${what} was not answered`);
    assert.ok([400, 431, 505].includes(answer.status), `${what} was answered with ${answer.status}`);
    assertRefused({ status: answer.status, text: answer.body }, answer.status);
  }
  await assertNothingLeft(ctx, [filename]);
});

function uploadOf(ctx: CaseContext, filename: string, sizeBytes: number) {
  const form = Buffer.concat([
    Buffer.from(`--${defaultBoundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`),
    expectedRange(ctx.seed, 0, sizeBytes),
    Buffer.from(`\r\n--${defaultBoundary}--\r\n`),
  ]);
  const head = (length: Record<string, string>) => {
    const fields = {
      'Content-Type': `multipart/form-data; boundary=${defaultBoundary}`,
      ...length,
    };
    const lines = [
      ...hostLines(ctx.target.rest),
      ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    ];
    return `POST /files HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  };
  return { head, form };
}
