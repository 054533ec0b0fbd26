/**
 * Clients that ask before they send (RFC 9110 section 10.1.1). A failure means that they wait for ever, or send what
 * is refused anyway.
 */
import assert from 'node:assert/strict';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { MiB } from './sizes.ts';

testCase('E25', 'Expect: 100-continue is honoured, and a refusal comes before the body', {}, async (ctx) => {
  const rest = restOf(ctx);
  const file = { seed: ctx.seed, filename: 'asked-first.bin', sizeBytes: 2 * MiB };

  const stored = await storeFile(rest, file, { expectContinue: true });
  await assertReadsBack(rest, stored.file_id, file);

  const ask = (path: string, headers: Record<string, string>) => {
    return rest.send({ method: 'POST', path, headers, body: [Buffer.alloc(1000)], expectContinue: true });
  };
  const refusals = [
    { answer: await ask('/files', { 'content-type': 'application/json', 'content-length': '1000' }), status: 400 },
    { answer: await ask('/files', { 'content-type': 'multipart/form-data', 'content-length': '1000' }), status: 400 },
    { answer: await ask('/nowhere', { 'content-length': '1000' }), status: 404 },
    { answer: await ask('/health', { 'content-length': '1000' }), status: 405 },
  ];
  for (const { answer, status } of refusals) {
    assertRefused(answer, status);
    assert.equal(answer.sentBytes, 0);
  }
});
