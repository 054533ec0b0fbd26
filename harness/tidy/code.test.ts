/** What neither the compiler nor the linter watches over in the code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaint, files, lines, read } from './repository.ts';

const LINES_MAX = 350;
const code = files('.ts').filter((file) => /^(?:system|harness|proto|deploy)\//.test(file));
const tests = code.filter((file) => file.endsWith('.test.ts') || /^harness\/(?:e2e|grpc|concurrency|s3)\//.test(file));

test(`no file of code is longer than ${LINES_MAX} lines`, () => {
  const long = code.map((file) => ({ file, count: read(file).split('\n').length - 1 }));
  const places = long.filter(({ count }) => count > LINES_MAX).map(({ file, count }) => `${file}: ${count} lines`);
  assert.equal(
    complaint('A file is one idea. Ask what second idea moved in, and give it a file of its own:', places),
    undefined,
  );
});

test('no test is switched off, singled out or left for later', () => {
  const word =
    /\b(?:test|it|describe|suite)\.(?:only|skip|todo)\b|\b(?:only|skip|todo): true\b|\bt\.todo\(|\bt\.skip\(\)/;
  const places = tests.flatMap((file) => lines(file).filter(({ text }) => word.test(withoutTexts(text))));
  assert.equal(
    complaint(
      'Make the test pass or delete it. What a machine cannot check says so itself: t.skip("what is missing").',
      places.map(({ at, text }) => `${at}: ${text.trim()}`),
    ),
    undefined,
  );
});

/** What a line says in quotation marks is emptied: a title, or code that is shown to the linter. */
function withoutTexts(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''");
}

test('no test sleeps', () => {
  const word = /await (?:setTimeout|sleep|delay)\(|from 'node:timers\/promises'|new Promise\(.*setTimeout/;
  const places = tests
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => lines(file).filter(({ text }) => word.test(text)));
  assert.equal(
    complaint(
      'Wait for a condition, with a limit that says what it waited for.',
      places.map(({ at, text }) => `${at}: ${text.trim()}`),
    ),
    undefined,
  );
});

test('a suppressed lint rule says why', () => {
  const places = code.flatMap((file) =>
    lines(file).filter(
      ({ text }) => /biome-ignore|@ts-ignore|@ts-nocheck/.test(text) && !/biome-ignore \S+: \S+ \S+ \S+/.test(text),
    ),
  );
  assert.equal(
    complaint(
      'Write `biome-ignore rule: a sentence that says why`:',
      places.filter(({ at }) => !at.startsWith('harness/tidy/')).map(({ at }) => at),
    ),
    undefined,
  );
});
