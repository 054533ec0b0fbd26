import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseError } from 'pg';
import { classifySqlFailure } from './sql-failure.ts';

function serverError(code: string): DatabaseError {
  return Object.assign(new DatabaseError('the text does not count', 0, 'error'), { code });
}

const cases: [what: string, error: unknown, sent: string, unsent: string][] = [
  ['a refused connection', Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'lost', 'unsent'],
  ['a reset connection', Object.assign(new Error(), { code: 'ECONNRESET' }), 'lost', 'unsent'],
  ['a silence that grew too long', new Error('Query read timeout'), 'lost', 'unsent'],
  ['an administrator who ended the connection', serverError('57P01'), 'lost', 'unsent'],
  ['a server that crashed', serverError('57P02'), 'lost', 'unsent'],
  ['a server that is starting up', serverError('57P03'), 'undone', 'undone'],
  ['too many connections', serverError('53300'), 'undone', 'undone'],
  ['the statement timeout', serverError('57014'), 'undone', 'undone'],
  ['a deadlock', serverError('40P01'), 'undone', 'undone'],
  ['a standby', serverError('25006'), 'undone', 'undone'],
  ['a violated constraint', serverError('23505'), 'wrong', 'wrong'],
  ['a malformed UUID', serverError('22P02'), 'wrong', 'wrong'],
  ['a value of ours that cannot be sent', new TypeError('circular'), 'wrong', 'wrong'],
];

for (const [what, error, sent, unsent] of cases) {
  test(`${what} is ${sent} once sent, ${unsent} before`, () => {
    assert.equal(classifySqlFailure(error, true), sent);
    assert.equal(classifySqlFailure(error, false), unsent);
  });
}
