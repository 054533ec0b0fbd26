/**
 * Asks both services for their failpoints, and the matrix what leads to each. A failure means that a phase was added and
 * nothing is there that reaches it.
 */
import assert from 'node:assert/strict';
import { systemEntryPoints } from '../../kit/cluster/repository.ts';
import { failpointsOf } from '../../kit/faults/failpoints.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { isOverS3 } from './run-matrix.ts';
import { scenarioOf } from './scenarios.ts';

testCase('I4', 'a scenario leads to every failpoint but those of S3', { cluster: 'own', phase: 2 }, async (ctx) => {
  const { gateway, node } = systemEntryPoints;
  const all = [...(await failpointsOf(gateway)), ...(await failpointsOf(node))];
  const failpoints = all.filter(({ name }) => !isOverS3(name));
  for (const { name } of failpoints) assert.doesNotThrow(() => scenarioOf(name));
  assert.throws(() => scenarioOf('nothing.leads-here'), /nothing\.leads-here/);
  ctx.note('failpoints', failpoints.length);
});
