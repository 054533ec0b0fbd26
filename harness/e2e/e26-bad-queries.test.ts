/** Queries, routes and methods that do not exist. A failure means that a typing error looks like an empty store. */
import assert from 'node:assert/strict';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertRefused } from './refusal.ts';
import { unknownId } from './sizes.ts';

testCase('E26', 'a page, a size or a status that cannot be is 400 and says which', {}, async (ctx) => {
  const rest = restOf(ctx);
  for (const page of ['0', '-1', 'abc', '1.5', '1e3', '', '99999999999', '0x10', ' 1', '１']) {
    assert.match(assertRefused(await rest.list({ page }), 400, 'InvalidRequest').error, /^page /, page);
  }
  for (const perPage of ['0', '-1', 'abc', '100000', '1001', '']) {
    assert.match(assertRefused(await rest.list({ perPage }), 400, 'InvalidRequest').error, /^per_page /, perPage);
  }
  for (const status of ['done', 'COMPLETED', '', "completed' OR 1=1"]) {
    assert.match(assertRefused(await rest.list({ status }), 400, 'InvalidRequest').error, /^status /, status);
  }
  const twice = await rest.send({ method: 'GET', path: '/files?page=1&page=2' });
  assertRefused(twice, 400);
});

testCase('E27', 'an unknown route is 404, and an unknown method 405 with Allow', {}, async (ctx) => {
  const rest = restOf(ctx);
  const routes = [
    '/',
    '/file',
    '/files/',
    `/files/${unknownId}/meta`,
    `/files/${unknownId}/metadata/x`,
    '/FILES',
    '/%00',
  ];
  for (const path of routes) {
    assertRefused(await rest.send({ method: 'GET', path }), 404);
  }
  const refused: [method: string, path: string, allow: string[]][] = [
    ['PUT', '/files', ['GET', 'HEAD', 'POST']],
    ['DELETE', '/files', ['GET', 'HEAD', 'POST']],
    ['PATCH', `/files/${unknownId}`, ['GET', 'HEAD', 'DELETE']],
    ['POST', `/files/${unknownId}`, ['GET', 'HEAD', 'DELETE']],
    ['POST', `/files/${unknownId}/metadata`, ['GET', 'HEAD']],
    ['DELETE', '/health', ['GET', 'HEAD']],
    ['POST', '/metrics', ['GET', 'HEAD']],
  ];
  for (const [method, path, expected] of refused) {
    const answer = await rest.send({ method, path });
    assertRefused(answer, 405, 'MethodNotAllowed');
    const allow = String(answer.headers.allow).split(', ');
    assert.deepEqual(allow.toSorted(), expected.toSorted(), `Allow on ${path}`);
  }
});
