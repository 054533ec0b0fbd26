import assert from 'node:assert/strict';

/** The parts of an answer by which a refusal is judged; of RestResponse and of RawAnswer. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Asserts the status, and a body that says what is wrong: `{error, code, request_id}`. Gives the body back. */
export function assertRefused(
  answer: Answer,
  status: number,
  code?: string,
): { error: string; code: string; request_id: string } {
  assert.equal(answer.status, status, `expected ${status}, got ${answer.status}: ${answer.text}`);
  const body = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(body).sort(), ['code', 'error', 'request_id'], answer.text);
  assert.match(body.error, /^.{10,}$/, 'the error must be a sentence');
  assert.match(body.code, /^[A-Z]\w+$/);
  assert.match(body.request_id, /^\S+$/);
  if (code !== undefined) assert.equal(body.code, code, answer.text);
  return body;
}
