/** What the documents say must be so: links lead somewhere, commands and settings exist, the index is whole. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { complaint, files, lines, read, root } from './repository.ts';

const documents = files('.md');
const records = documents.filter((file) => /^docs\/decisions\/\d{4}-.*\.md$/.test(file));

describe('documents', () => {
  test('every link within the repository leads to a file', () => {
    const places = documents.flatMap((document) =>
      lines(document).flatMap(({ at, text }) =>
        [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
          .map((match) => match[1] ?? '')
          .filter((link) => !existsSync(path.join(root, path.dirname(document), link)))
          .map((link) => `${at}: ${link}`),
      ),
    );
    assert.equal(complaint('Mend the link:', places), undefined);
  });

  test('every npm command that a document names exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const places = documents.flatMap((document) =>
      lines(document).flatMap(({ at, text }) =>
        [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)]
          .map((match) => match[1] ?? match[2] ?? '')
          .filter((name) => !(name in scripts))
          .map((name) => `${at}: npm run ${name}`),
      ),
    );
    assert.equal(complaint('Add the script to package.json, or mend the document:', places), undefined);
  });

  test('README.md names every setting of the services, and no other', () => {
    const settings = new Set(
      files('config.ts')
        .filter((file) => /^system\/[\w-]+\/config\.ts$/.test(file))
        .flatMap((file) => read(file).match(/\bSEXTANT_[A-Z_]+\b/g) ?? []),
    );
    const readme = read('README.md');
    const missing = [...settings].filter((name) => !readme.includes(`\`${name}\``));
    assert.equal(complaint('Add the setting to the table in README.md:', missing), undefined);
    const tabled = lines('README.md').flatMap(
      ({ text }) => (text.startsWith('| `SEXTANT_') ? text.match(/SEXTANT_[A-Z_]+/g) : null) ?? [],
    );
    assert.equal(
      complaint(
        'No service reads this setting any more; take it out of README.md:',
        tabled.filter((name) => !settings.has(name)),
      ),
      undefined,
    );
  });
});

describe('decisions', () => {
  test('the index lists every record under its title', () => {
    const entries = records.map((record) => {
      const number = path.basename(record).slice(0, 4);
      const title = (read(record).split('\n')[0] ?? '').replace(/^#\s*/, '').replace(/^\d{4}[.:]?\s*/, '');
      return `- [${number} ${title}](${path.basename(record)})`;
    });
    const index = lines('docs/decisions/README.md').filter(({ text }) => /^- \[\d{4}/.test(text));
    assert.deepEqual(
      index.map(({ text }) => text),
      entries,
      `The list in docs/decisions/README.md must read:\n${entries.join('\n')}\n`,
    );
  });

  test('no two records have the same number', () => {
    const numbers = records.map((record) => path.basename(record).slice(0, 4));
    assert.deepEqual(
      numbers.filter((number, index) => numbers.indexOf(number) !== index),
      [],
    );
  });
});
