/**
 * The plainest promise: what goes in comes out. A failure means that files are damaged on the way, or that the
 * answer to an upload does not describe what was stored.
 */
import assert from 'node:assert/strict';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, storeFile } from '../kit/workloads/seeded-file.ts';

testCase('E1', '10 MB go up and come down identical, in six chunks', {}, async (ctx) => {
  const rest = restOf(ctx);
  const file = { seed: ctx.seed, filename: 'ten-megabytes.bin', sizeBytes: 10_000_000 };

  const stored = await storeFile(rest, file, { contentType: 'application/x-sextant-test' });

  assert.equal(stored.chunks, 6);
  assert.equal(stored.content_type, 'application/x-sextant-test');
  await assertReadsBack(rest, stored.file_id, file);
  const again = await rest.downloadHashed(stored.file_id);
  assert.equal(again.sha256, stored.checksum);
  assert.equal(again.headers['content-type'], 'application/x-sextant-test');
});
