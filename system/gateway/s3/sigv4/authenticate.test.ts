import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S3Error, type S3ErrorCode } from '../errors.ts';
import { authenticate } from './authenticate.ts';
import { authorization, depsAt, exampleKey, exampleTime, headOf } from './published-examples.fixture.ts';
import type { IncomingHead } from './signed-request.ts';
import { signText } from './signing-client.fixture.ts';

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const host = 'examplebucket.s3.amazonaws.com';
const getHeaders = {
  Host: host,
  Range: 'bytes=0-9',
  'x-amz-content-sha256': emptySha256,
  'x-amz-date': '20130524T000000Z',
  Authorization: authorization(
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ),
};
const presigned =
  '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';

function get(changes: Readonly<Record<string, string | undefined>> = {}, url = '/test.txt'): IncomingHead {
  const headers = Object.entries({ ...getHeaders, ...changes }).filter(([, value]) => value !== undefined);
  return headOf('GET', url, Object.fromEntries(headers) as Record<string, string>);
}

async function refusal(head: IncomingHead, code: S3ErrorCode, at = exampleTime): Promise<S3Error> {
  const error: unknown = await authenticate(depsAt(at), head).then(
    () => new Error('the request was let in'),
    (reason) => reason,
  );
  assert.ok(error instanceof S3Error, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

test("AWS's published examples of signed headers are let in, whatever signs them", async () => {
  const simple = (signature: string) => ({
    Host: host,
    'x-amz-date': '20130524T000000Z',
    'x-amz-content-sha256': emptySha256,
    Authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature),
  });
  const put = {
    Host: host,
    Date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    Authorization: authorization(
      'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ),
  };
  const lifecycle = simple('fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543');
  const list = simple('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
  for (const head of [
    get(),
    headOf('PUT', '/test%24file.text', put),
    headOf('PUT', '/test$file.text', put),
    headOf('GET', '/?lifecycle', lifecycle),
    headOf('GET', '/?lifecycle=', lifecycle),
    headOf('GET', '/?prefix=J&max-keys=2', list),
  ]) {
    assert.equal((await authenticate(depsAt(exampleTime), head)).key, exampleKey, head.rawPath + head.rawQuery);
  }
});

test("AWS's published presigned URL is let in until it expires, and not before its time", async () => {
  const head = headOf('GET', presigned, { Host: host });
  for (const at of ['2013-05-23T23:46:00Z', exampleTime, '2013-05-25T00:00:00Z']) {
    const { key, payload } = await authenticate(depsAt(at), head);
    assert.equal(key, exampleKey);
    assert.deepEqual(payload, { kind: 'plain', sha256: undefined });
  }
  const expired = await refusal(head, 'AccessDenied', '2013-05-25T00:00:01Z');
  assert.equal(expired.message, 'Request has expired');
  assert.equal(expired.details['Expires'], '2013-05-25T00:00:00Z');
  const early = await refusal(head, 'AccessDenied', '2013-05-23T23:44:00Z');
  assert.equal(early.message, 'Request is not yet valid');
});

test('a request without credentials is anonymous, also when its Authorization is empty', async () => {
  for (const head of [headOf('GET', '/a', { Host: host }), headOf('GET', '/a', { Host: host, Authorization: '' })]) {
    const { key, payload } = await authenticate(depsAt(exampleTime), head);
    assert.equal(key, undefined);
    assert.deepEqual(payload, { kind: 'plain', sha256: undefined });
  }
});

test('an anonymous request may promise a payload, but cannot have signed its chunks', async () => {
  const anonymous = (payload: string) =>
    headOf('PUT', '/a', { Host: host, 'x-amz-content-sha256': payload, 'x-amz-decoded-content-length': '7' });
  const { payload } = await authenticate(depsAt(exampleTime), anonymous('STREAMING-UNSIGNED-PAYLOAD-TRAILER'));
  assert.deepEqual(payload, { kind: 'chunked', signer: undefined, hasTrailer: true, decodedBytes: 7 });
  await refusal(anonymous('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'), 'AccessDenied');
});

test('whoever changes what was signed is told what was compared', async () => {
  const error = await refusal(get({ Range: 'bytes=0-10' }), 'SignatureDoesNotMatch');
  assert.equal(error.details['AWSAccessKeyId'], exampleKey.accessKey);
  assert.match(error.details['StringToSign'] ?? '', /^AWS4-HMAC-SHA256\n20130524T000000Z\n20130524\/us-east-1\//);
  assert.match(error.details['CanonicalRequest'] ?? '', /^GET\n\/test.txt\n\nhost:examplebucket.*\nrange:bytes=0-10\n/);
  assert.ok(!JSON.stringify(error.details).includes(exampleKey.secretKey));
  for (const head of [get({}, '/test.tx'), get({}, '/test.txt?acl'), { ...get(), method: 'HEAD' }]) {
    await refusal(head, 'SignatureDoesNotMatch');
  }
  for (const signature of ['', 'f0e8', 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb4\u00ff']) {
    const given = signature === '' ? 'AuthorizationHeaderMalformed' : 'SignatureDoesNotMatch';
    await refusal(get({ Authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature) }), given);
  }
});

test('a key that is unknown and one that is switched off are answered alike', async () => {
  const off = depsAt(exampleTime, { ...exampleKey, isEnabled: false });
  const unknown = depsAt(exampleTime, { ...exampleKey, accessKey: 'AKIAOTHER' });
  for (const deps of [off, unknown]) {
    await assert.rejects(authenticate(deps, get()), { code: 'InvalidAccessKeyId', status: 403 });
  }
});

test('a clock that is more than a quarter of an hour off is refused, either way', async () => {
  for (const at of ['2013-05-23T23:45:00Z', '2013-05-24T00:15:00Z']) await authenticate(depsAt(at), get());
  for (const at of ['2013-05-23T23:44:59Z', '2013-05-24T00:15:01Z']) {
    const error = await refusal(get(), 'RequestTimeTooSkewed', at);
    assert.deepEqual(error.details, {
      RequestTime: '20130524T000000Z',
      ServerTime: at,
      MaxAllowedSkewMilliseconds: '900000',
    });
  }
});

test('a date that is missing, empty, unreadable or before 1970 is denied', async () => {
  const bad = ['', 'Bad Date', 'Tue, 07 Jul 1950 21:53:04 GMT', '20130230T000000Z', '20130524T000000', undefined];
  for (const date of bad) await refusal(get({ 'x-amz-date': date }), 'AccessDenied');
});

test('the header Date is enough, in the form of HTTP and in that of AWS', async () => {
  for (const date of ['Fri, 24 May 2013 00:00:00 GMT', '20130524T000000Z']) {
    const signedBy = (signature: string) =>
      get({
        'x-amz-date': undefined,
        Date: date,
        Authorization: authorization('date;host;x-amz-content-sha256', signature),
      });
    const { details } = await refusal(signedBy('00'), 'SignatureDoesNotMatch');
    const signature = await signText(details['StringToSign'] ?? '', exampleTime);
    assert.equal((await authenticate(depsAt(exampleTime), signedBy(signature))).key, exampleKey);
  }
});

test('a malformed Authorization is named by what is wrong with it', async () => {
  const good = getHeaders.Authorization;
  const malformed: [authorization: string, reason: RegExp][] = [
    ['AWS4-HMAC-SHA256', /requires three components/],
    ['AWS4-HMAC-SHA256 Credential', /requires three components/],
    [good.replace(/,Signature=.*/, ''), /requires three components/],
    [good.replace(/SignedHeaders=[^,]*,/, ''), /requires three components/],
    [good.replace('/aws4_request', ''), /the Credential is mal-formed/],
    [good.replace('AKIAIOSFODNN7EXAMPLE/', ''), /the Credential is mal-formed/],
    [good.replace('aws4_request', 'aws5_request'), /incorrect terminal "aws5_request"/],
    [good.replace('/s3/', '/sts/'), /incorrect service "sts"/],
    [good.replace('/20130524/', '/2013-05-24/'), /incorrect date format "2013-05-24"/],
    [good.replace('/20130524/', '/20130525/'), /Invalid credential date "20130525"/],
    [good.replace('us-east-1', 'mars'), /the region 'mars' is wrong; expecting 'us-east-1'/],
  ];
  for (const [Authorization, reason] of malformed) {
    const error = await refusal(get({ Authorization }), 'AuthorizationHeaderMalformed');
    assert.match(error.message, reason);
    if (!Authorization.includes('mars')) continue;
    assert.deepEqual(error.details, { Region: 'us-east-1' });
    assert.deepEqual(error.headers, { 'x-amz-bucket-region': 'us-east-1' });
  }
});

test('other schemes of authorization are refused by name', async () => {
  const notSupported = /Please use AWS4-HMAC-SHA256/;
  for (const Authorization of ['AWS AKIAIOSFODNN7EXAMPLE:FWeDfwojDSdS2Ztmpfeubhd9isU=', 'AWS4-ECDSA-P256-SHA256 a']) {
    assert.match((await refusal(get({ Authorization }), 'InvalidRequest')).message, notSupported);
  }
  for (const Authorization of ['AWS HAHAHA', 'Bearer a.b.c', 'Basic YTpi', '\u0007', 'x']) {
    await refusal(get({ Authorization }), 'InvalidArgument');
  }
  const version2 = headOf('GET', '/a?AWSAccessKeyId=AKIA&Expires=1369353600&Signature=abc%3D', { Host: host });
  assert.match((await refusal(version2, 'InvalidRequest')).message, notSupported);
});

test('two mechanisms at once are refused', async () => {
  await refusal(get({}, presigned), 'InvalidArgument');
  await refusal(get({}, '/test.txt?Signature=a'), 'InvalidArgument');
  const twice = { ...get(), rawHeaders: [...get().rawHeaders, 'Authorization', getHeaders.Authorization] };
  await refusal(twice, 'AuthorizationHeaderMalformed');
});

test('a presigned URL with a wrong parameter is refused by that parameter', async () => {
  const wrong: [from: string | RegExp, to: string, reason: RegExp][] = [
    [/X-Amz-Signature=[0-9a-f]*/, '', /requires the X-Amz-Algorithm/],
    ['X-Amz-Date=20130524T000000Z', '', /requires the X-Amz-Algorithm/],
    ['Algorithm=AWS4-HMAC-SHA256', 'Algorithm=AWS4-HMAC-SHA1', /X-Amz-Algorithm only supports/],
    ['X-Amz-Date=20130524T000000Z', 'X-Amz-Date=2013', /ISO8601 Long Format/],
    ['Expires=86400', 'Expires=a', /should be a number/],
    ['Expires=86400', 'Expires=-1', /must be non-negative/],
    ['Expires=86400', 'Expires=0', /at least one second/],
    ['Expires=86400', 'Expires=604801', /less than a week/],
    ['us-east-1', 'mars', /Error parsing the X-Amz-Credential parameter; the region 'mars' is wrong/],
    ['%2Faws4_request', '', /the Credential is mal-formed/],
  ];
  for (const [from, to, reason] of wrong) {
    const head = headOf('GET', presigned.replace(from, to), { Host: host });
    assert.match((await refusal(head, 'AuthorizationQueryParametersError')).message, reason);
  }
  await refusal(headOf('GET', presigned.replace('86400', '604800'), { Host: host }), 'SignatureDoesNotMatch');
  await refusal(headOf('GET', `${presigned}&versionId=1`, { Host: host }), 'SignatureDoesNotMatch');
});

test('a header that changes what the request does must be signed', async () => {
  const added = await refusal(get({ 'x-amz-copy-source': '/other/secret' }), 'AccessDenied');
  assert.equal(added.message, 'There were headers present in the request which were not signed');
  assert.equal(added.details['HeadersNotSigned'], 'x-amz-copy-source');
  await refusal(headOf('PUT', presigned, { Host: host, 'X-Amz-Acl': 'public-read' }), 'AccessDenied');
  const withoutHost = authorization('x-amz-content-sha256;x-amz-date', '00');
  assert.equal(
    (await refusal(get({ Authorization: withoutHost }), 'AccessDenied')).details['HeadersNotSigned'],
    'host',
  );
});

test('the payload need not be signed a second time: it is the last line of what is signed', async () => {
  const signedBy = (signature: string) => get({ Authorization: authorization('host;range;x-amz-date', signature) });
  const { details } = await refusal(signedBy('0'.repeat(64)), 'SignatureDoesNotMatch');
  const head = signedBy(await signText(details['StringToSign'] ?? '', exampleTime));
  assert.equal((await authenticate(depsAt(exampleTime), head)).key, exampleKey);
  const rawHeaders = head.rawHeaders.map((value) => (value === emptySha256 ? 'UNSIGNED-PAYLOAD' : value));
  await refusal({ ...head, rawHeaders }, 'SignatureDoesNotMatch');
});

test('the payload must be named, by a word that is known', async () => {
  const missing = await refusal(get({ 'x-amz-content-sha256': undefined }), 'InvalidRequest');
  assert.equal(missing.message, 'Missing required header for this request: x-amz-content-sha256');
});

test('a path or query with a broken percent sign is no URI', async () => {
  await refusal(get({}, '/a%zz'), 'InvalidURI');
  await refusal(get({}, '/a%2'), 'InvalidURI');
  await refusal(get({}, '/a?b=%'), 'InvalidURI');
});
