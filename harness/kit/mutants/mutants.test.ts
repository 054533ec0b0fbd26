/** The planted bugs as they lie in harness/mutants. Whether the suites catch them is for `sextant mutants` to say. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkAll } from '../checkers/check-all.ts';
import { repositoryRoot } from '../cluster/repository.ts';
import { scenarioNames } from '../scenarios/all.ts';
import { usualLimits } from '../scenarios/scenario.ts';
import { applyPatch } from './apply-patch.ts';
import { type Check, mutantsDir, readMutants } from './mutant.ts';

const mutants = readMutants(mutantsDir);
const linesMax = 12;
const migrations = globSync('system/gateway/metadata/migrations/*.sql', { cwd: repositoryRoot });
const checkerNames = checkAll([], usualLimits).verdicts.map(({ checker }) => checker);

test('there are at least thirty, each with a number of its own', () => {
  assert.ok(mutants.length >= 30, `${mutants.length} mutants`);
  const numbers = mutants.map(({ name }) => /^(\d\d)-[a-z-]+$/.exec(name)?.[1]);
  assert.deepEqual([...new Set(numbers)].length, mutants.length, numbers.join(' '));
});

for (const mutant of mutants) {
  describe(mutant.name, () => {
    test('applies to the system as it is, and changes only that, and little of it', () => {
      const patched = applyPatch(mutant.patch, (file) => readFileSync(join(repositoryRoot, file), 'utf8'));
      for (const file of patched.keys()) assert.match(file, /^system\/(?!.*\.(?:test|fixture)\.ts$)/);
      const changed = mutant.patch.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line));
      assert.ok(changed.length <= linesMax, `it changes ${changed.length} lines`);
    });

    test('changes no function of the database that a later migration replaces, which would undo it', () => {
      const read = (file: string) => readFileSync(join(repositoryRoot, file), 'utf8');
      for (const [file, text] of applyPatch(mutant.patch, read)) {
        const before = sqlFunctions(read(file));
        const changed = [...sqlFunctions(text)].filter(([name, body]) => before.get(name) !== body);
        const later = migrations.filter((other) => migrations.includes(file) && other > file);
        for (const [name] of changed) {
          const undoneBy = later.filter((other) => sqlFunctions(read(other)).has(name));
          assert.deepEqual(undoneBy, [], `${name} of ${file}`);
        }
      }
    });

    test('says what it breaks, after which incident, and which checks that exist are to catch it', () => {
      for (const text of [mutant.breaks, mutant.incident]) assert.match(text, /^[A-Z].{20,}\.$/);
      assert.match(mutant.source, /^https:\/\/\S+$/);
      assert.ok(mutant.checks.length > 0);
      for (const check of mutant.checks) assert.ok(exists(check), JSON.stringify(check));
      const isSeenFromOutside = mutant.checks.some(({ kind }) => kind !== 'unit');
      assert.equal(mutant.onlyUnitBecause === undefined, isSeenFromOutside, 'only a unit sees it: say why');
    });
  });
}

/** Their texts, by name. */
function sqlFunctions(text: string): Map<string, string> {
  return new Map(Array.from(text.matchAll(/FUNCTION (\w+)\([\s\S]*?\n\$\$;/g), ([body, name = '']) => [name, body]));
}

function exists(check: Check): boolean {
  if (check.kind === 'unit') return existsSync(join(repositoryRoot, check.file));
  if (check.kind === 'chaos') return scenarioNames.includes(check.scenario) && checkerNames.includes(check.checker);
  const files = globSync(`harness/${check.suite}/**/*.test.ts`, { cwd: repositoryRoot });
  const id = new RegExp(`['"]${check.case}['"]`);
  return files.some((file) => id.test(readFileSync(join(repositoryRoot, file), 'utf8')));
}
