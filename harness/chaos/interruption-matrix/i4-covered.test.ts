/**
 * Asks both services for their failpoints, and the matrix what leads to each. A failure means that a phase was added and
 * nothing is there that reaches it.
 */
import assert from 'node:assert/strict';
import { systemEntryPoints } from '../../kit/cluster/repository.ts';
import { failpointsOf } from '../../kit/faults/failpoints.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { keyOperationOf } from './key-operations.ts';
import { isOverS3 } from './run-matrix.ts';
import { scenarioOf } from './scenarios.ts';

testCase('I4', 'a scenario leads to every failpoint', { cluster: 'own', phase: 2 }, async (ctx) => {
  const { gateway, node } = systemEntryPoints;
  const failpoints = [...(await failpointsOf(gateway)), ...(await failpointsOf(node))];
  for (const { name } of failpoints) {
    assert.doesNotThrow(() => (isOverS3(name) ? keyOperationOf(name) : scenarioOf(name)));
  }
  assert.throws(() => scenarioOf('nothing.leads-here'), /nothing\.leads-here/);
  assert.throws(() => keyOperationOf('s3.nothing.before-commit'), /s3\.nothing/);
  ctx.note('failpoints', failpoints.length);
});
