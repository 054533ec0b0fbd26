/**
 * The names of files. Any script must survive the way through the form, PostgreSQL and Content-Disposition; a name
 * that is a path must not. A failure means mangled names, or names that write where they should not on a client's disk.
 */
import assert from 'node:assert/strict';
import { assertNothingLeft } from '../kit/census/nothing-left.ts';
import { filePart } from '../kit/clients/multipart.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { postForm } from './post-form.ts';
import { assertRefused } from './refusal.ts';

const keptNames = [
  'plain.txt',
  'two words.txt',
  'Zoë’s naïve résumé.pdf',
  'отчёт за год.docx',
  '年度報告書.xlsx',
  'التقرير السنوي.pdf',
  'वार्षिक रिपोर्ट.txt',
  'รายงาน.txt',
  'Ελληνικά και עברית.md',
  '👩‍👩‍👧‍👦 family 🗺️.png',
  'e\u0301 is not \u00e9.txt',
  'it\'s (50%) done; really, "quoted" & <tagged>.txt',
  '%E2%82%AC is not decoded.txt',
  "UTF-8''not%20decoded.txt",
  'semi;colon=equals,comma.txt',
  '.hidden',
  '...',
  ' leading and trailing ',
  'CON',
  "Robert'); DROP TABLE files;--",
  'x'.repeat(255),
  '文'.repeat(255),
];

testCase('E20', 'names in any script come back as they were, also in Content-Disposition', {}, async (ctx) => {
  const rest = restOf(ctx);
  for (const name of keptNames) {
    const stored = await postForm(rest, [filePart({ filename: name, sizeBytes: 1, data: [Buffer.from('x')] })]);
    assert.equal(stored.status, 201, `${name}: ${stored.text}`);
    assert.equal(stored.body.filename, name);
    const { file_id } = stored.body;
    assert.equal((await rest.metadata(file_id)).body.filename, name);
    const { headers } = await rest.head(file_id);
    const disposition = String(headers['content-disposition']);
    assert.equal(nameIn(disposition), name, `the name in ${disposition}`);
  }
});

testCase('E21', 'names that are too long, empty or paths are refused and leave nothing', {}, async (ctx) => {
  const rest = restOf(ctx);
  const tag = ctx.seed.replace('/', '-');
  const refused = [
    '',
    '.',
    '..',
    '/etc/passwd',
    `../../${tag}`,
    `${tag}/name`,
    `C:\\${tag}\\name.txt`,
    `..\\${tag}`,
    `${tag}${'n'.repeat(300)}`,
    `${tag}\u0000.txt`,
    `${tag}\u0007.txt`,
    `${tag}\u007f.txt`,
    `${tag}\t.txt`,
  ];
  for (const name of refused) {
    const answer = await postForm(rest, [filePart({ filename: name, sizeBytes: 1, data: [Buffer.from('x')] })]);
    assert.equal(answer.status, 400, `${JSON.stringify(name)} was answered with ${answer.status}: ${answer.text}`);
    assertRefused(answer, 400);
  }
  // PostgreSQL could not even be asked for a name with a NUL in it.
  await assertNothingLeft(
    ctx,
    refused.filter((name) => !name.includes('\u0000')),
  );
});

/** The name that a browser would take: filename* where there is one (RFC 6266 section 4.3), else the quoted string. */
function nameIn(disposition: string): string {
  assert.match(disposition, /^[\x20-\x7e]*$/, 'a header is plain ASCII');
  assert.match(disposition, /^attachment; filename="/);
  const extended = /; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*)$/.exec(disposition)?.[1];
  if (extended !== undefined) return decodeURIComponent(extended);
  return (/^attachment; filename="((?:[^"\\]|\\.)*)"$/.exec(disposition)?.[1] ?? '').replace(/\\(.)/g, '$1');
}
