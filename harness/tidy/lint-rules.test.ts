/**
 * Time, randomness and settings come in as arguments, and the linter keeps those doors. Each rule is tried on code
 * that breaks it and on its nearest neighbour that does not; a rule that was lost or grew too eager fails a test.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { lintSnippets } from './lint-cases.ts';

/** Where it stands, what is refused there, and the same place with what to write instead. */
const ambient: [file: string, refused: string, allowed: string][] = [
  ['system/gateway/http/a.ts', 'export const now = Date.now();', 'export const day = new Date(0);'],
  ['system/gateway/http/a.ts', 'export const read = Date.now;', 'export const at = Date.parse("2026-01-01");'],
  ['system/gateway/http/a.ts', 'export const now = new Date();', 'export const then = new Date(5).toISOString();'],
  ['system/gateway/http/a.ts', 'setTimeout(() => {}, 5);', 'clearTimeout(undefined);'],
  ['system/gateway/http/a.ts', 'setInterval(() => {}, 5);', 'clearInterval(undefined);'],
  ['system/gateway/http/a.ts', 'export const now = performance.now();', 'export const now = 1;'],
  ['system/gateway/http/a.ts', "import 'node:timers/promises';", "import 'node:stream/promises';"],
  ['system/gateway/http/a.ts', 'export const r = Math.random();', 'export const r = Math.max(1);'],
  ['system/gateway/http/a.test.ts', 'export const r = Math.random();', 'export const now = Date.now();'],
  ['harness/e2e/a.ts', 'export const r = Math.random();', 'export const now = Date.now();'],
  ['system/gateway/http/a.ts', 'export const home = process.env["HOME"];', 'export const pid = process.pid;'],
  ['system/gateway/http/a.ts', 'console.log("here");', 'export {};'],
];

/** Rules of Biome itself that must stay switched on. */
const switchedOn: [rule: string, file: string, code: string][] = [
  [
    'noFloatingPromises',
    'system/gateway/http/a.ts',
    'async function f(): Promise<void> {}\nexport function g(): void {\n  f();\n}',
  ],
  ['noExplicitAny', 'harness/kit/a.ts', 'export const a: any = 1;'],
  ['useImportExtensions', 'system/gateway/a.ts', "export * from './cycle-a';"],
  ['noUndeclaredDependencies', 'system/gateway/a.ts', "import 'commander';"],
  ['noFocusedTests', 'harness/kit/a.test.ts', "import { test } from 'node:test';\ntest.only('a', () => {});"],
];

const circle = [
  { file: 'system/gateway/cycle-a.ts', code: "import { b } from './cycle-b.ts';\n\nexport const a = () => b();" },
  { file: 'system/gateway/cycle-b.ts', code: "import { a } from './cycle-a.ts';\n\nexport const b = () => a();" },
];

describe('the linter keeps the doors by which the world comes in', () => {
  const snippets = [
    ...circle,
    ...ambient.flatMap(([file, refused, allowed]) => [refused, allowed].map((code) => ({ file, code }))),
    ...switchedOn.map(([, file, code]) => ({ file, code })),
  ];
  let errors: string[][];
  before(async () => {
    errors = await lintSnippets(snippets);
  });
  const errorsIn = (code: string, file: string) =>
    errors[snippets.findIndex((snippet) => snippet.code === code && snippet.file === file)] ?? [];

  for (const [file, refused, allowed] of ambient) {
    const byDoor = (error: string) => /^plugin|noRestrictedGlobals|noProcessEnv|noConsole/.test(error);
    test(`${file} may not say: ${refused}`, () => {
      assert.equal(errorsIn(refused, file).some(byDoor), true, 'biome.json or harness/tidy/lint has lost a rule');
    });
    test(`${file} may say: ${allowed}`, () => {
      assert.deepEqual(errorsIn(allowed, file).filter(byDoor), []);
    });
  }
  for (const [rule, file, code] of switchedOn) {
    test(`${rule} is on`, () => assert.match(errorsIn(code, file).join('\n'), new RegExp(rule)));
  }
  test('a circle of imports is refused', () => assert.match(String(errors[0]), /noImportCycles/));
});
