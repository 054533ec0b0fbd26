/**
 * Words that have no place in the repository: hosts of package registries (a mirror must do as well), paths of one
 * machine, and notes to oneself. The project speaks of itself alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaint, files, lines } from './repository.ts';

const itself = 'harness/tidy/words.test.ts';
const texts = files('.ts', '.md', '.json', '.yaml', '.yml', '.sh', '.sql', '.grit', '.proto', '.ci/run').filter(
  (file) => file !== itself,
);

const banned: [what: string, word: RegExp, instead: string][] = [
  [
    'the host of a package registry',
    /registry\.npmjs\.org|registry\.yarnpkg\.com|\bpypi\.org|\bcrates\.io|proxy\.golang\.org|deb\.debian\.org|repo1?\.maven\.org/i,
    'Name the package; the machine at hand knows its registry.',
  ],
  [
    'a path of one machine',
    /(?<![\w.}])\/(?:work|root|Users|home\/(?!node\b)[a-z]\w*)\/[\w.]/,
    'Derive the path from import.meta.dirname, or take it as a setting.',
  ],
  [
    'the tools of one workplace',
    /\b(?:AI|LLMs?|GPT|ChatGPT|Claude|Anthropic|OpenAI|Copilot|[Aa]ssistants?|[Cc]hatbots?|[Ss]ub-?agents?)\b/,
    'Say what the project does; who or what wrote it is no part of it.',
  ],
  ['a note to oneself', /\b(?:TODO|FIXME|XXX|HACK)\b/, 'Do it now, or open an issue and leave the seam clean.'],
];

for (const [what, word, instead] of banned) {
  test(`no file names ${what}`, () => {
    const places = texts.flatMap((file) =>
      lines(file)
        .filter(({ text }) => word.test(text) && !(file === 'package-lock.json' && text.includes('"integrity"')))
        .map(({ at, text }) => `${at}: ${word.exec(text)?.[0]}`),
    );
    assert.equal(complaint(instead, places), undefined);
  });
}
