import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { MiB } from '../../common/bytes.ts';
import { type Clock, systemClock } from '../../common/clock.ts';
import { createLogger } from '../../common/log.ts';
import { systemRandom } from '../../common/random.ts';
import { inPieces } from '../objects/files.fixture.ts';
import { attributes, key, memoryObjects } from '../objects/memory-versions.fixture.ts';
import { putObject } from '../objects/put-object.ts';
import { listenS3 } from './server.ts';
import { exampleKey } from './sigv4/published-examples.fixture.ts';
import { type ClientRequest, onTheWire, presign, signHeaders } from './sigv4/signing-client.fixture.ts';

const account = { accountId: 'me', displayName: 'Me', email: null };
const memory = memoryObjects();
const accessKey = async () => ({ ...exampleKey, createdAt: new Date(0), account });
const server = await listen({ metadata: Object.assign(memory.metadata, { accessKey }), objects: memory.deps });
after(() => server[Symbol.asyncDispose]());
const { host, port, hostname } = new URL(server.url);

function listen(deps: object): ReturnType<typeof listenS3> {
  return listenS3({ host: '127.0.0.1', port: 0, shutdownDeadlineMs: 1_000 }, {
    ...{ clock: systemClock, random: systemRandom, log: createLogger('test', 'silent'), region: 'us-east-1' },
    ...{ idleTimeoutMs: 60_000, domain: undefined, metrics: { s3RequestSeconds: { observe: () => undefined } } },
    ...deps,
  } as unknown as Parameters<typeof listenS3>[1]);
}

function now(): string {
  return new Date(systemClock.nowMs()).toISOString();
}

/** A presigned URL as the SDKs make it: with all x-amz-* headers in its query. */
async function presignedUrl(request: Pick<ClientRequest, 'method' | 'path' | 'headers'>): Promise<string> {
  const headers = { ...request.headers, host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const { path, query } = await presign({ ...request, query: {}, headers }, now(), 60);
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return `${server.url}${path}?${pairs.join('&')}`;
}

/** The answer to a request that is signed in its headers. */
async function answerOf(
  request: ClientRequest,
  body: string | null = null,
): Promise<{ readonly status: number; readonly document: string }> {
  const unsigned = { ...request.headers, host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const { headers } = await signHeaders({ ...request, headers: unsigned }, now());
  const url = `${server.url}${request.path}?${new URLSearchParams(request.query as Record<string, string>)}`;
  const answer = await fetch(url, { method: request.method, headers, body });
  return { status: answer.status, document: await answer.text() };
}

async function outcomeOf(request: ClientRequest, body?: string): Promise<[status: number, code: string | undefined]> {
  const { status, document } = await answerOf(request, body);
  return [status, /<Code>(\w+)/.exec(document)?.[1]];
}

/** The answer to a request of these bytes. */
async function answerTo(head: string, body: string): Promise<string> {
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text;
  });
  socket.write(`${head}\r\n\r\n${body}`);
  await once(socket, 'close');
  return answer;
}

test('a presigned URL that says what the object is like needs nobody to say it again', async () => {
  const headers = { 'x-amz-meta-colour': 'dark red', 'x-amz-storage-class': 'GLACIER_IR' };
  const url = await presignedUrl({ method: 'PUT', path: '/bucket/presigned', headers });
  assert.match(url, /[?&]x-amz-meta-colour=/);
  const { status } = await fetch(url, { method: 'PUT', body: 'small' });
  assert.equal(status, 200);
  const stored = memory.current.get('presigned')?.version.attributes;
  assert.deepEqual([stored?.userMetadata, stored?.storageClass], [{ colour: 'dark red' }, 'GLACIER_IR']);
});

test('a presigned URL that asks for what there is not is refused as the headers would be', async () => {
  const url = await presignedUrl({ method: 'PUT', path: '/bucket/public', headers: { 'x-amz-acl': 'public-read' } });
  const answer = await fetch(url, { method: 'PUT', body: 'small' });
  assert.deepEqual([answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]], [501, 'NotImplemented']);
});

for (const expectation of ['200-ok', '']) {
  test(`a client that expects ${JSON.stringify(expectation)} is served as any other`, async () => {
    const body = 'small';
    const fields = {
      host,
      expect: expectation,
      connection: 'close',
      'content-length': String(body.length),
      'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    };
    const request = await signHeaders({ method: 'PUT', path: '/bucket/expected', query: {}, headers: fields }, now());
    const { rawHeaders } = onTheWire(request, () => '');
    const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
    const answer = await answerTo(['PUT /bucket/expected HTTP/1.1', ...lines].join('\r\n'), body);
    assert.match(answer, /^HTTP\/1\.1 200 /);
  });
}

test('a copy is made only when both buckets belong to whom the client says', async () => {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const headers = { 'x-amz-copy-source': 'bucket/source', [name]: 'somebody-else' };
    const outcome = await outcomeOf({ method: 'PUT', path: '/bucket/copy', query: {}, headers });
    assert.deepEqual(outcome, [403, 'AccessDenied'], name);
  }
});

test('a copy whose source has no bucket is told which bucket there is not', async () => {
  const headers = { 'x-amz-copy-source': 'absent/source' };
  const { document } = await answerOf({ method: 'PUT', path: '/bucket/copy', query: {}, headers });
  assert.match(document, /<Code>NoSuchBucket<.*<BucketName>absent</);
});

test('what cannot be a version id is said to be none, whatever asks for it', async () => {
  const attributes = { 'x-amz-object-attributes': 'ETag' };
  for (const versionId of ['', 'no-id', '\0']) {
    const path = '/bucket/key';
    const source = { 'x-amz-copy-source': `bucket/key?versionId=${encodeURIComponent(versionId)}` };
    for (const request of [
      { method: 'GET', path, query: { versionId }, headers: {} },
      { method: 'GET', path, query: { attributes: '', versionId }, headers: attributes },
      { method: 'PUT', path: '/bucket/copy', query: {}, headers: source },
    ]) {
      assert.deepEqual(await outcomeOf(request), [400, 'InvalidArgument'], JSON.stringify(request));
    }
  }
});

/** Signed for any host, so that it can be sent to a server of the test's own. */
async function getFrom(url: string, agent: Agent): Promise<IncomingMessage> {
  const unsigned = { host: new URL(url).host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const { headers } = await signHeaders({ method: 'GET', path: '/bucket/key', query: {}, headers: unsigned }, now());
  const request = get(`${url}/bucket/key`, { agent, headers });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer;
}

test('documents that clients begin and do not send hold up the next one, until one of them leaves', async () => {
  const headers = { host, 'content-length': String(8 * MiB), 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const completion = { method: 'POST', path: '/bucket/parts', query: { uploadId: 'any' } };
  const stalled = await Promise.all(Array.from({ length: 4 }, () => begin({ ...completion, headers })));
  // Four fill what there is; each is known to be waited for when its first bytes are asked for.
  for (const [answer] of await Promise.all(stalled.map((socket) => once(socket, 'data'))))
    assert.match(`${answer}`, /100 Continue/);
  let isAnswered = false;
  const next = outcomeOf({ ...completion, headers: {} }, '<Comp').finally(() => {
    isAnswered = true;
  });
  for (let n = 0; n < 5; n++) await outcomeOf({ method: 'GET', path: '/bucket/absent', query: {}, headers: {} });
  assert.equal(isAnswered, false);
  stalled[0]?.destroy();
  assert.deepEqual(await next, [400, 'MalformedXML']);
  for (const socket of stalled) socket.destroy();
});

/** Sends a head that announces a body, and waits for `100 Continue`. */
async function begin(request: ClientRequest): Promise<Socket> {
  const headers = { ...request.headers, expect: '100-continue' };
  const { rawHeaders } = onTheWire(await signHeaders({ ...request, headers }, now()), () => '');
  const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
  const socket = connect(Number(port), hostname);
  socket.write(
    `${[`${request.method} ${request.path}?uploadId=${request.query['uploadId']} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`,
  );
  return socket;
}

test('a server that ends takes no further request from a connection, and does not wait for its deadline', async () => {
  const looks: (() => void)[] = [];
  const slowKey = () => new Promise((resolve) => looks.push(() => resolve(undefined)));
  // The clock stands still: no deadline comes to its help.
  const deps = { clock: clockThatStands(), metadata: { ...memory.metadata, accessKey: slowKey }, objects: memory.deps };
  const ending = await listen(deps);
  const agent = new Agent({ keepAlive: true });
  const answer = getFrom(ending.url, agent);
  await untilTrue(() => looks.length > 0);
  const ended = ending[Symbol.asyncDispose]();
  looks[0]?.();
  const { headers } = (await answer).resume();
  assert.equal(headers.connection, 'close');
  await ended;
  agent.destroy();
});

test('an answer whose head is out is sent whole when the server ends, and its connection is closed behind it', async () => {
  const large = memoryObjects(64 * MiB);
  const data = Buffer.alloc(32 * MiB, 'x');
  const digests = () => ({ etag: 'tag', checksum: undefined });
  const body = () => ({ bytes: inPieces(data, MiB), digests });
  const request = { ...key, attributes, conditions: {}, declaredBytes: data.length };
  await putObject(large.deps, request, body, new AbortController().signal);
  const metadata = Object.assign(large.metadata, { accessKey });
  const ending = await listen({ clock: clockThatStands(), metadata, objects: large.deps });
  const agent = new Agent({ keepAlive: true });
  const answer = await getFrom(ending.url, agent);
  const ended = ending[Symbol.asyncDispose]();
  let bytes = 0;
  for await (const piece of answer) bytes += piece.length;
  assert.equal(bytes, data.length);
  await ended;
  agent.destroy();
});

/** At the present, for signatures, with timers that never go off. */
function clockThatStands(): Clock {
  return { ...systemClock, after: () => ({ cancel: () => undefined }) };
}

async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
