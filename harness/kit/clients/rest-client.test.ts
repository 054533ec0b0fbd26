import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { seededBytes } from '../seed/seeded-bytes.ts';
import { RestClient } from './rest-client.ts';

/** A server that answers as told, and a client for it. */
async function talk(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new RestClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const close = async () => {
    client.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { client, server, [Symbol.asyncDispose]: close };
}

describe('the REST client', () => {
  test('gives an error status back instead of throwing it', async () => {
    await using talking = await talk((_, response) => {
      response.writeHead(404).end('{"error":"no such file","code":"NotFound","request_id":"1"}');
    });
    const { status, error } = await talking.client.metadata('x');
    assert.equal(status, 404);
    assert.equal(error?.code, 'NotFound');
  });

  test('stops sending when the answer comes before the end of the body', async () => {
    await using talking = await talk((_, response) => {
      response.writeHead(400).end('{"error":"over the size limit"}');
    });
    const sizeBytes = 2_000_000_000;
    const answer = await talking.client.upload({ filename: 'a', data: seededBytes(1, sizeBytes), sizeBytes });
    assert.equal(answer.status, 400);
    assert.ok(answer.sentBytes < sizeBytes / 10, `sent ${answer.sentBytes}`);
  });

  test('sends no byte of the body when asked to wait and the server refuses', async () => {
    await using talking = await talk(() => {});
    talking.server.on('checkContinue', (_, response) => response.writeHead(400).end('{}'));
    const upload = { filename: 'a', data: seededBytes(1, 5_000_000), sizeBytes: 5_000_000, expectContinue: true };
    const answer = await talking.client.upload(upload);
    assert.deepEqual([answer.status, answer.sentBytes], [400, 0]);
  });

  test('declares the length when it is told, and sends chunked when it is not', async () => {
    const seen: (string | undefined)[] = [];
    await using talking = await talk((request, response) => {
      seen.push(request.headers['content-length'], request.headers['transfer-encoding']);
      request.resume().on('end', () => response.writeHead(201).end('{}'));
    });
    await talking.client.upload({ filename: 'a', data: [Buffer.from('12345')], sizeBytes: 5 });
    await talking.client.upload({ filename: 'a', data: [Buffer.from('12345')] });
    assert.ok(Number(seen[0]) > 5);
    assert.deepEqual(seen.slice(1), [undefined, undefined, 'chunked']);
  });

  test('throws when a download ends before its declared length', async () => {
    await using talking = await talk((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('only this', () => response.destroy());
    });
    await assert.rejects(talking.client.downloadHashed('x'));
  });

  test('a body whose source fails breaks the connection with that failure', async () => {
    await using talking = await talk((request) => request.resume());
    async function* failing() {
      yield Buffer.from('a');
      throw new Error('the source failed');
    }
    await assert.rejects(talking.client.upload({ filename: 'a', data: failing() }), /the source failed/);
  });
});
