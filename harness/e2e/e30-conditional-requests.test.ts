/** What caches and resuming clients rely on (RFC 9110 section 13). A failure means stale or mixed content at a client. */
import assert from 'node:assert/strict';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { storeFile } from '../kit/workloads/seeded-file.ts';
import { assertRefused } from './refusal.ts';
import { unknownId } from './sizes.ts';

const sizeBytes = 50_000;
const longAgo = 'Sat, 01 Jan 2000 00:00:00 GMT';
const farAhead = 'Fri, 01 Jan 2100 00:00:00 GMT';

testCase('E30', 'conditions on a read are answered with 200, 206, 304 or 412, and HEAD as GET', {}, async (ctx) => {
  const rest = restOf(ctx);
  const stored = await storeFile(rest, { seed: ctx.seed, filename: 'conditions.bin', sizeBytes });
  const path = `/files/${stored.file_id}`;
  const { headers: whole } = await rest.head(stored.file_id);
  const etag = String(whole.etag);
  const lastModified = String(whole['last-modified']);
  assert.match(etag, /^"[^"]+"$/, 'a strong entity tag');
  assert.equal(whole['accept-ranges'], 'bytes');
  assert.equal(whole['content-length'], String(sizeBytes));

  const expected: [headers: Record<string, string>, status: number][] = [
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `W/${etag}` }, 304],
    [{ 'if-none-match': `"x", ${etag}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': farAhead }, 200],
    [{ 'if-modified-since': lastModified }, 304],
    [{ 'if-modified-since': farAhead }, 304],
    [{ 'if-modified-since': longAgo }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': `W/${etag}` }, 412],
    [{ 'if-match': etag, 'if-unmodified-since': longAgo }, 200],
    [{ 'if-unmodified-since': lastModified }, 200],
    [{ 'if-unmodified-since': longAgo }, 412],
    [{ 'if-match': etag, 'if-none-match': etag }, 304],
  ];
  for (const [headers, status] of expected) {
    const label = JSON.stringify(headers);
    const get = await rest.send({ method: 'GET', path, headers });
    const head = await rest.send({ method: 'HEAD', path, headers });
    assert.deepEqual([get.status, head.status], [status, status], label);
    assert.equal(head.text, '', 'HEAD has no body');
    if (status === 412) assertRefused(get, 412, 'PreconditionFailed');
    else assert.deepEqual([get.headers.etag, head.headers.etag], [etag, etag], label);
    if (status === 304) assert.equal(get.text, '', '304 has no body');
  }

  const ifRange: [value: string, status: number][] = [
    [etag, 206],
    ['"x"', 200],
    [`W/${etag}`, 200],
    [lastModified, 206],
    [longAgo, 200],
    [farAhead, 200],
  ];
  for (const [value, status] of ifRange) {
    const answer = await rest.downloadHashed(stored.file_id, { range: 'bytes=10-19', headers: { 'if-range': value } });
    assert.deepEqual(
      [answer.status, answer.sizeBytes],
      [status, status === 206 ? 10 : sizeBytes],
      `If-Range: ${value}`,
    );
  }
  assert.equal((await rest.head(unknownId, { headers: { 'if-none-match': '*' } })).status, 404);
});
