/** The two mistakes that clients make first. A failure means that they get a riddle for an answer, or a stored file. */
import { textPart } from '../kit/clients/multipart.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { postForm } from './post-form.ts';
import { assertRefused } from './refusal.ts';

testCase('E8', 'a JSON body, or a form without `file`, is 400 with an error', {}, async (ctx) => {
  const rest = restOf(ctx);
  const json = Buffer.from(JSON.stringify({ filename: 'a.txt', data: 'aGVsbG8=' }));

  const asJson = await rest.send({
    method: 'POST',
    path: '/files',
    headers: { 'content-type': 'application/json', 'content-length': json.length },
    body: [json],
  });
  const withoutFile = await postForm(rest, [textPart('name', 'a.txt')]);
  const empty = await postForm(rest, []);

  assertRefused(asJson, 400, 'InvalidRequest');
  assertRefused(withoutFile, 400, 'InvalidRequest');
  assertRefused(empty, 400, 'InvalidRequest');
});
