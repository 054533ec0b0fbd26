/** What does not exist is 404 everywhere, also when it looks nothing like an id. A failure means that ids leak or crash. */
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertRefused } from './refusal.ts';
import { unknownId } from './sizes.ts';

const ids = [
  unknownId,
  '00000000-0000-0000-0000-000000000000',
  'not-a-uuid',
  `${unknownId}0`,
  unknownId.slice(1),
  `{${unknownId}}`,
  '..',
  '../../etc/passwd',
  "' OR 1=1 --",
  'a'.repeat(1_500),
  '\u0000',
  '🗺️',
];

testCase('E4', 'an unknown id is 404 on get, metadata and delete', {}, async (ctx) => {
  const rest = restOf(ctx);
  for (const id of ids) {
    assertRefused(await rest.send({ method: 'GET', path: `/files/${encodeURIComponent(id)}` }), 404, 'FileNotFound');
    assertRefused(await rest.metadata(id), 404, 'FileNotFound');
    assertRefused(await rest.delete(id), 404, 'FileNotFound');
  }
});
