/**
 * The limit of 10 GiB. Where the length is declared the refusal must come before the body is read, so that a
 * client does not send for minutes in vain; where it is not, in the middle of it. A failure means wasted
 * transfers, or disks that fill with what was refused.
 */
import assert from 'node:assert/strict';
import { assertNothingLeft } from '../kit/census/nothing-left.ts';
import { defaultBoundary } from '../kit/clients/multipart.ts';
import { hostLines, RawConnection } from '../kit/clients/raw-http.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { sendFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { fileBytesMax, MiB } from './sizes.ts';

/** What a busy client may have handed to its socket before it sees the answer: a fraction of what it wanted to send. */
const sentBytesMax = 512 * MiB;
const answerWithinMs = 10_000;
const elevenGigabytes = 11_000_000_000;

testCase(
  'E3',
  '11 GB are refused from the declared length, before the body is read',
  { tags: ['large'] },
  async (ctx) => {
    const rest = restOf(ctx);
    const file = {
      seed: ctx.seed,
      filename: `over-size-${ctx.seed.replace('/', '-')}.bin`,
      sizeBytes: elevenGigabytes,
    };

    const answer = await sendFile(rest, file);
    const careful = await sendFile(rest, file, { expectContinue: true });
    using connection = await RawConnection.open(ctx.target.rest);
    connection.send(
      [
        'POST /files HTTP/1.1',
        ...hostLines(ctx.target.rest),
        `Content-Type: multipart/form-data; boundary=${defaultBoundary}`,
        `Content-Length: ${elevenGigabytes}`,
        '\r\n',
      ].join('\r\n'),
    );
    const toTheHead = await connection.answer(answerWithinMs);

    assert.match(assertRefused(answer, 400, 'TooLarge').error, /size/);
    assert.ok(
      answer.sentBytes <= sentBytesMax,
      `the client got rid of ${answer.sentBytes} bytes before it was refused`,
    );
    assert.match(assertRefused(careful, 400, 'TooLarge').error, /size/);
    assert.equal(careful.sentBytes, 0, 'a client that waits for 100 Continue sends nothing');
    assert.ok(toTheHead !== null, 'the head alone was not answered');
    assert.match(assertRefused({ status: toTheHead.status, text: toTheHead.body }, 400, 'TooLarge').error, /size/);
    ctx.note('MB sent before the refusal', Math.round(answer.sentBytes / 1e6));
    await assertNothingLeft(ctx, [file.filename]);
  },
);

testCase(
  'E3b',
  'a file whose length is not declared is refused when it passes 10 GiB, and leaves nothing',
  { tags: ['slow', 'large'], timeoutMs: 15 * 60_000 },
  async (ctx) => {
    const rest = restOf(ctx);
    const filename = `over-size-undeclared-${ctx.seed.replace('/', '-')}.bin`;

    const answer = await sendFile(
      rest,
      { seed: ctx.seed, filename, sizeBytes: elevenGigabytes },
      { isDeclared: false },
    );

    assert.match(assertRefused(answer, 400, 'TooLarge').error, /size/);
    assert.ok(answer.sentBytes > fileBytesMax, `it was refused after ${answer.sentBytes} bytes, within the limit`);
    assert.ok(answer.sentBytes < elevenGigabytes, 'it was refused only after all of it had been sent');
    await assertNothingLeft(ctx, [filename]);
  },
);
