import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { authenticate } from './authenticate.ts';
import { depsAt, exampleKey } from './published-examples.fixture.ts';
import type { IncomingHead } from './signed-request.ts';
import { type ClientRequest, onTheWire, presign, signHeaders } from './signing-client.fixture.ts';

const time = '2026-02-03T04:05:06Z';

/** As strict as S3 wants it, in the way of the client library. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const character = fc.oneof(
  fc.constantFrom('/', '//', '/./', '/../', '+', ' ', '%', '~', '*', "'", '&', '=', '?', '#', ':', '@', '$', 'é', 'à'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).filter((text) => text.isWellFormed()),
);
const text = fc.array(character, { maxLength: 8 }).map((parts) => parts.join(''));
const path = text.map((key) => `/bucket/${key.split('/').map(encode).join('/')}`);
const query = fc.dictionary(
  text.filter((name) => name !== '' && name !== '__proto__' && !/^x-amz-|^signature$|^awsaccesskeyid$/i.test(name)),
  fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 })),
  { maxKeys: 4 },
);
// What a header may hold (RFC 9110 section 5.5), in UTF-8, without the blanks around it that are no part of it.
const headerValue = fc
  .array(fc.constantFrom(' ', '  ', '\t', 'a', 'B', ',', '"', '  "x  y"', 'é', 'à', '文', '\u{1f600}', ';', '='), {
    maxLength: 10,
  })
  .map((parts) => parts.join(''));
const headers = fc
  .dictionary(fc.constantFrom('x-amz-meta-a', 'X-Amz-Meta-B', 'x-amz-security-token', 'Content-Type'), headerValue)
  .map((given): Record<string, string> => ({ host: 'store.example:9000', ...given }));
const request: fc.Arbitrary<ClientRequest> = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
  path,
  query,
  headers,
});
/** Makes other spellings of one text, chosen by numbers: what must be encoded stays so. */
const spelling = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });

function respell(encoded: string, choices: readonly number[], blanks: readonly string[]): string {
  let turn = 0;
  const choose = (options: readonly string[]) =>
    options[(choices[turn++ % choices.length] ?? 0) % options.length] ?? '';
  return encoded.replace(/%20|%[0-9A-F]{2}|[A-Za-z0-9~._-]/g, (unit) => {
    if (unit === '%20') return choose(blanks);
    if (unit.startsWith('%')) return choose([unit, unit.toLowerCase()]);
    return choose([unit, `%${unit.charCodeAt(0).toString(16)}`]);
  });
}

function writeQuery(pairs: [string, string][], choices: readonly number[]): string {
  const parts = pairs.map(([name, value]) => {
    const [left, right] = [name, value].map((part) => respell(encode(part), choices, ['%20', '+']));
    return value === '' && (choices[0] ?? 0) % 2 === 0 ? left : `${left}=${right}`;
  });
  const start = (choices[0] ?? 0) % Math.max(1, parts.length);
  return [...parts.slice(start), '', ...parts.slice(0, start)].join('&');
}

function respellPath(head: IncomingHead, choices: readonly number[]): IncomingHead {
  return { ...head, rawPath: respell(head.rawPath, choices, ['%20', ' ']) };
}

test('what the client library signs is let in, in every spelling, and not when a byte of it changes', async () => {
  await fc.assert(
    fc.asyncProperty(request, spelling, fc.boolean(), async (unsigned, choices, isPresigned) => {
      const named = { ...unsigned, headers: { ...unsigned.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } };
      const signed = isPresigned ? await presign(named, time, 60) : await signHeaders(named, time);
      const head = respellPath(
        onTheWire(signed, (pairs) => writeQuery(pairs, choices)),
        choices,
      );
      const { key, payload } = await authenticate(depsAt(time), head);
      assert.equal(key, exampleKey);
      assert.deepEqual(payload, { kind: 'plain', sha256: undefined });
      for (const changed of [
        { ...head, rawPath: `${head.rawPath}/` },
        { ...head, rawQuery: `${head.rawQuery}&a` },
        { ...head, method: 'PATCH' },
        { ...head, rawHeaders: [...head.rawHeaders, 'Host', 'b'] },
      ]) {
        await assert.rejects(authenticate(depsAt(time), changed), { code: 'SignatureDoesNotMatch' });
      }
    }),
    { numRuns: 300 },
  );
});

test('a header that is sent twice is signed as one, its values joined by a comma', async () => {
  const request = { method: 'PUT', path: '/b/k', query: {} };
  const payload = { host: 'h', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const signed = await signHeaders({ ...request, headers: { ...payload, 'x-amz-meta-a': 'one  two,three' } }, time);
  const twice = { ...signed, headers: { ...signed.headers, 'x-amz-meta-a': ' one two ', 'X-Amz-Meta-A': 'three\t' } };
  assert.equal(
    (
      await authenticate(
        depsAt(time),
        onTheWire(twice, () => ''),
      )
    ).key,
    exampleKey,
  );
});

test('the payload of a presigned URL is held to what was signed with it', async () => {
  const sha256 = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
  const headers = { host: 'h', 'x-amz-content-sha256': sha256 };
  const signed = await presign({ method: 'PUT', path: '/b/k', query: {}, headers }, time, 60);
  const head = onTheWire(signed, (pairs) => writeQuery(pairs, [1]));
  assert.deepEqual((await authenticate(depsAt(time), head)).payload, { kind: 'plain', sha256 });
});

test('the word for the payload decides how the body is read', async () => {
  const plan = async (word: string, decodedBytes: string | undefined) => {
    const length = decodedBytes === undefined ? undefined : { 'x-amz-decoded-content-length': decodedBytes };
    const headers = { host: 'h', 'x-amz-content-sha256': word, ...length };
    const signed = await signHeaders({ method: 'PUT', path: '/b/k', query: {}, headers }, time);
    return (
      await authenticate(
        depsAt(time),
        onTheWire(signed, () => ''),
      )
    ).payload;
  };
  const streaming = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  for (const word of [streaming, `${streaming}-TRAILER`, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']) {
    const payload = await plan(word, '10737418240');
    assert.ok(payload.kind === 'chunked');
    assert.equal(payload.hasTrailer, word.endsWith('TRAILER'));
    assert.equal(payload.signer === undefined, word.includes('UNSIGNED'));
    assert.equal(payload.decodedBytes, 10_737_418_240);
    await assert.rejects(plan(word, undefined), { code: 'MissingContentLength' });
    await assert.rejects(plan(word, '1e3'), { code: 'InvalidArgument' });
  }
  await assert.rejects(plan('STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', '1'), { code: 'NotImplemented' });
  await assert.rejects(plan('unsigned-payload', undefined), { code: 'InvalidArgument' });
});
